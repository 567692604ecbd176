import type { Notice, Problem } from '../problems/problem.ts';
import type { Composed } from '../telegram/compose.ts';
import type { SpokenMessage } from '../telegram/message-store.ts';
import type { Pace } from '../telegram/pace.ts';

/** What a process knows that the database does not: it goes into the spool file, and later into the database. */
export interface LaneSnapshot {
  readonly version: 1;
  /** Problems as they stand after what was decided without the database. */
  readonly problems: readonly Problem[];
  /** Notices that no message holds yet. */
  readonly waiting: readonly { readonly chatId: string; readonly notices: readonly Notice[] }[];
  /** Messages that were composed and perhaps sent. */
  readonly inHand: readonly { readonly chatId: string; readonly message: Composed }[];
  readonly paces: readonly { readonly chatId: string; readonly pace: Pace }[];
  readonly spoken: readonly SpokenMessage[];
}

/** The snapshot in a text, or undefined if it is none: a file of another version, or one that was cut. */
export function parseSnapshot(text: string): LaneSnapshot | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { version, ...lists } = (value ?? {}) as Partial<Record<keyof LaneSnapshot, unknown>>;
  const whole = (['problems', 'waiting', 'inHand', 'paces', 'spoken'] as const).every((name) => Array.isArray(lists[name]));
  return version === 1 && whole ? (value as LaneSnapshot) : undefined;
}
