import type { StyledText } from './text.ts';

/** Telegram's limit in bytes. Source: core.telegram.org/bots/api#inlinekeyboardbutton. */
export const CALLBACK_DATA_MAX_BYTES = 64;

/** A button under a message. `data` comes back when somebody presses it: it names rows, never what is in them. */
export interface Button {
  readonly text: string;
  readonly data: string;
}

/** Rows of buttons. */
export type Keyboard = readonly (readonly Button[])[];

/** A text with what may stand beside it. */
export interface OutgoingMessage extends StyledText {
  readonly keyboard?: Keyboard | null;
  /** Number of the message in the chat that this one answers. */
  readonly replyTo?: number | null;
}
