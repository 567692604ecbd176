import type { OutgoingMessage } from './keyboard.ts';
import type { SendOutcome } from './transport.ts';

/** One message that one process may send to one chat now. */
export interface Claim {
  readonly chatId: string;
  /** Where to send it: the chat's id, unless Telegram moved it. */
  readonly address: string;
  readonly message: OutgoingMessage;
  /** Alerts that the message tells of. */
  readonly alerts: number;
}

/** Where a sender gets messages from, and tells what became of them. */
export interface MessageSource<C extends Claim = Claim> {
  /** The next message that may go now, of any chat that is not busy. */
  claim(nowMs: number, busy: ReadonlySet<string>): Promise<C | undefined>;
  settle(claim: C, outcome: SendOutcome, nowMs: number): Promise<void>;
}
