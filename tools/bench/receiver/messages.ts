// What the receiver keeps of each message. Nothing is parsed or verified while measuring: bytes are set aside, and the
// bench looks at them afterwards.
import { systemClock } from '@schoolbell/time';
import { monotonicMs } from '../measure/monotonic.ts';

/** A message as it came. */
export interface ReceivedMessage {
  readonly learnerId: string;
  readonly revision: number;
  readonly head: string;
  readonly body: Buffer;
  /** Monotonic milliseconds. */
  readonly atMs: number;
  /** Milliseconds since the epoch, for the tolerance of the signature. */
  readonly epochMs: number;
}

export interface MessageStore {
  add(head: string, body: Buffer): void;
  readonly counts: Counts;
  /** The newest message of each learner. */
  newest(): ReceivedMessage[];
  /** Every message in order of arrival; only with `keepAll`. */
  all(): ReceivedMessage[];
}

export interface Counts {
  messages: number;
  learners: number;
  /** A lower revision than one that came before: never allowed. */
  older: number;
  /** The newest revision once more: allowed only after a fault. */
  same: number;
  firstAtMs: number;
  lastAtMs: number;
}

const REVISION = /\r\nschoolbell-revision: *(\d+)/i;
const LEARNER = Buffer.from('"learnerId":"');
const QUOTE = '"'.charCodeAt(0);

export function createMessageStore({ keepAll }: { keepAll: boolean }): MessageStore {
  const newest = new Map<string, ReceivedMessage>();
  const all: ReceivedMessage[] = [];
  const counts: Counts = { messages: 0, learners: 0, older: 0, same: 0, firstAtMs: 0, lastAtMs: 0 };
  return {
    counts,
    add(head, body) {
      const message: ReceivedMessage = {
        learnerId: learnerOf(body),
        revision: Number(REVISION.exec(head)?.[1]),
        head,
        body: Buffer.from(body),
        atMs: monotonicMs(),
        epochMs: systemClock.now(),
      };
      const known = newest.get(message.learnerId);
      if (counts.messages === 0) counts.firstAtMs = message.atMs;
      counts.messages += 1;
      counts.lastAtMs = message.atMs;
      if (keepAll) all.push(message);
      if (known === undefined) counts.learners += 1;
      else if (message.revision < known.revision) counts.older += 1;
      else if (message.revision === known.revision) counts.same += 1;
      if (known === undefined || message.revision > known.revision) newest.set(message.learnerId, message);
    },
    newest: () => [...newest.values()],
    all: () => all,
  };
}

function learnerOf(body: Buffer): string {
  const at = body.indexOf(LEARNER);
  if (at === -1) return '(none)';
  const from = at + LEARNER.length;
  return body.toString('utf8', from, body.indexOf(QUOTE, from));
}
