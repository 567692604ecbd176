import { createHash } from 'node:crypto';
import { classifyDatabaseError, type Database, type DatabaseFailure, type Log, type Tx } from '@schoolbell/service-kit';
import { closeDeadLetter, insertDeadLetters, type NewDeadLetter } from '../dead-letters/store.ts';
import { BUG_DELIVERIES_MAX, decideFailure } from './decide.ts';
import type { ReadEvent, ReceivedEvent } from './parse.ts';

/** One message of a stream, as far as a batch needs it. */
export interface Incoming {
  readonly bytes: Uint8Array;
  /** 1 for the first. */
  readonly deliveries: number;
  ack(): void;
  retry(deliveries: number): void;
}

/** One event, and the message it came in. */
export interface Arrived extends ReadEvent {
  readonly message: Incoming;
}

/** An event that the handler will never be able to apply. `code` is kebab-case; `detail` names the way out. */
export interface Refusal {
  readonly event: ReceivedEvent;
  readonly code: string;
  readonly detail: string;
}

/** Applies events within the transaction, set-based, and says which of them it refuses for good. */
export type Apply = (tx: Tx, events: readonly ReceivedEvent[]) => Promise<readonly Refusal[]>;

/** What one batch came to, in events. */
export interface BatchResult {
  applied: number;
  dead: number;
  retried: number;
}

export interface BatchHandler {
  /** Whole messages. A message is acknowledged when all of its events are settled, else all of it comes again. */
  handle(events: readonly Arrived[]): Promise<BatchResult>;
  /** Apply a parked event again and close its row, in one transaction. */
  replay(letter: { id: string; body: Uint8Array }): Promise<'replayed' | 'closed-before' | Refusal>;
}

/** Stands for the time of a parked event that cannot be read. */
const UNKNOWN_TIME = '1970-01-01T00:00:00.000Z';

export function createBatchHandler(deps: {
  db: Database;
  durable: string;
  read: (message: Uint8Array) => readonly ReadEvent[];
  apply: Apply;
  /** Runs in the transaction that parks events: the alert is an effect like any other. */
  onDead?: ((tx: Tx, letters: readonly NewDeadLetter[]) => Promise<void>) | undefined;
  log: Log;
}): BatchHandler {
  const { db, durable, read, apply, log } = deps;

  async function park(tx: Tx, letters: readonly NewDeadLetter[]): Promise<void> {
    if (letters.length === 0) return;
    await insertDeadLetters(tx, letters);
    await deps.onDead?.(tx, letters);
    log.error({ durable, count: letters.length, codes: [...new Set(letters.map(({ code }) => code))] }, 'events could not be handled and were parked');
  }

  /** Adds to `again` the messages that must come again. */
  async function settle(events: readonly Arrived[], result: BatchResult, again: Set<Incoming>): Promise<void> {
    const readable: ReceivedEvent[] = [];
    const sources = new Map<ReceivedEvent, Arrived>();
    const letters: NewDeadLetter[] = [];
    for (const arrived of events) {
      const { parsed } = arrived;
      if (parsed.ok) {
        readable.push(parsed.event);
        sources.set(parsed.event, arrived);
      } else letters.push(letterOf(durable, arrived.bytes(), parsed.unreadable));
    }
    try {
      const dead = await db.transaction(async (tx) => {
        const refusals = readable.length === 0 ? [] : await apply(tx, readable);
        const refused = refusals.map(({ event, code, detail }) =>
          letterOf(durable, sources.get(event)!.bytes(), { id: event.id, type: event.type, code, detail }),
        );
        const all = [...letters, ...refused];
        await park(tx, all);
        return all.length;
      });
      result.dead += dead;
      result.applied += events.length - dead;
    } catch (error) {
      await recover(events, error, result, again);
    }
  }

  async function recover(events: readonly Arrived[], error: unknown, result: BatchResult, again: Set<Incoming>): Promise<void> {
    const failure = classifyDatabaseError(error);
    const [first] = events;
    const decision = decideFailure(failure, events.length, first?.message.deliveries ?? 1);
    if (decision === 'split') {
      const middle = Math.ceil(events.length / 2);
      await settle(events.slice(0, middle), result, again);
      await settle(events.slice(middle), result, again);
      return;
    }
    if (decision === 'dead' && first !== undefined) {
      const { id, type } = first.parsed.ok ? first.parsed.event : first.parsed.unreadable;
      const letter = letterOf(durable, first.bytes(), { id, type, ...failed(failure, error) });
      try {
        await db.transaction((tx) => park(tx, [letter]));
        result.dead += 1;
        return;
      } catch (cause) {
        log.warn({ err: cause, durable }, 'an event could not be parked, it will be delivered again');
      }
    }
    log.warn({ err: error, durable, failure, events: events.length }, 'a batch failed and will be delivered again');
    for (const { message } of events) again.add(message);
    result.retried += events.length;
  }

  return {
    async handle(events) {
      const result = { applied: 0, dead: 0, retried: 0 };
      const again = new Set<Incoming>();
      await settle(events, result, again);
      for (const message of new Set(events.map((event) => event.message))) {
        if (again.has(message)) message.retry(message.deliveries);
        else message.ack();
      }
      return result;
    },
    async replay({ id, body }) {
      // One event: letters are parked one by one.
      const { parsed } = read(body)[0]!;
      if (!parsed.ok) {
        const { code, detail } = parsed.unreadable;
        return { event: { id, type: parsed.unreadable.type ?? 'unknown', time: UNKNOWN_TIME, data: undefined }, code, detail };
      }
      let refusal: Refusal | undefined;
      const closed = await db.transaction(async (tx) => {
        // Closed first: two replays of one row take turns on it, and the second finds it closed.
        if (!(await closeDeadLetter(tx, id))) return false;
        [refusal] = await apply(tx, [parsed.event]);
        if (refusal !== undefined) throw new ReplayRefused(refusal);
        return true;
      }).catch((error: unknown) => {
        if (error instanceof ReplayRefused) return false;
        const failure = classifyDatabaseError(error);
        // As often as it was delivered before it was parked, and a person asks: what fails now is not told from a passing failure by trying again.
        if (decideFailure(failure, 1, BUG_DELIVERIES_MAX) === 'retry') throw error;
        refusal = { event: parsed.event, ...failed(failure, error) };
        return false;
      });
      if (refusal !== undefined) return refusal;
      return closed ? 'replayed' : 'closed-before';
    },
  };
}

const failed = (failure: DatabaseFailure, error: unknown): { code: string; detail: string } => ({ code: `failed-${failure}`, detail: String(error).slice(0, 1_000) });

class ReplayRefused extends Error {
  readonly code = 'replay-refused';

  constructor(refusal: Refusal) {
    super(refusal.detail);
  }
}

function letterOf(
  durable: string,
  body: Uint8Array,
  about: { id: string | undefined; type: string | undefined; code: string; detail: string },
): NewDeadLetter {
  return {
    durable,
    // An event without a readable id is known by its bytes, so that its redelivery is the same row.
    eventId: storable(about.id ?? `sha256:${createHash('sha256').update(body).digest('hex')}`, 200),
    type: storable(about.type ?? 'unknown', 200),
    body,
    code: about.code,
    detail: storable(about.detail, 2_000),
  };
}

/** Postgres has no NUL in text, and no lone surrogates. */
function storable(text: string, maxLength: number): string {
  return text.replaceAll('\u0000', '\\u0000').toWellFormed().slice(0, maxLength);
}
