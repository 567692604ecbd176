import { deadLettersReplayRequests, deadLettersRequests, type statusRequests, type ServiceName } from '@schoolbell/contracts';
import type { Database, Health, Log } from '@schoolbell/service-kit';
import type { z } from 'zod';
import { replayDeadLetter, type DeadLetterDeps } from '../dead-letters/replay.ts';
import { countDeadLetters, listDeadLetters } from '../dead-letters/store.ts';
import type { Ledger } from '../relay/ledger.ts';
import { inTime, outboxLag, type Lag } from './lags.ts';

/** A replay leaves this much of the asker's patience to the answer. */
const ANSWER_MARGIN_MS = 1_500;
const PAGE = 100;

/** All services have these contracts in common. */
const [LETTERS, REPLAY] = [deadLettersRequests.ingest, deadLettersReplayRequests.ingest];
type Answer<Definition extends { readonly reply: z.ZodType }> = z.input<Definition['reply']>;

/** How a service is, and its dead letters. */
export interface Operations {
  status(): Promise<Answer<typeof statusRequests.ingest>>;
  deadLetters(wish: z.output<(typeof LETTERS)['request']>): Promise<Answer<typeof LETTERS>>;
  /** Handles again what there is time for. */
  replayDeadLetters(wish: z.output<(typeof REPLAY)['request']>): Promise<Answer<typeof REPLAY>>;
}

export function createOperations(deps: {
  service: ServiceName;
  db: Database;
  health: Health;
  consumers: DeadLetterDeps['consumers'];
  consumerLags: () => Promise<readonly Lag[]>;
  streams: readonly { readonly name: string; readonly ledger: Ledger }[];
  log: Log;
}): Operations {
  const { db, log } = deps;

  /** Goes on behind the last row that stays; rows that were closed are gone from the list. */
  async function handleAgain(durable: string | undefined, matching: number, untilMs: number) {
    const counts = { replayed: 0, refused: 0, looked: 0 };
    let after: string | null = null;
    while (counts.looked < matching && performance.now() < untilMs) {
      const page = await listDeadLetters(db, { state: 'open', after, limit: PAGE, durable });
      if (page.length === 0) break;
      for (const { id } of page) {
        if (performance.now() >= untilMs) break;
        const { kind } = await replayDeadLetter({ db, consumers: deps.consumers }, id);
        counts.looked += 1;
        if (kind === 'replayed') counts.replayed += 1;
        if (kind !== 'still-refused' && kind !== 'consumer-gone') continue;
        counts.refused += 1;
        after = id;
      }
    }
    return counts;
  }

  return {
    async status() {
      const [deadLetters, consumers, ...streams] = await Promise.all([
        inTime(() => countDeadLetters(db)),
        deps.consumerLags(),
        ...deps.streams.map((stream) => outboxLag(db, stream)),
      ]);
      const { status, checks } = deps.health.report();
      return {
        status,
        checks: checks.map((check) => ({ ...check })),
        lags: [...consumers, ...streams].map(({ name, kind, waiting }) => ({ name, kind, waiting: waiting ?? null })),
        deadLetters: deadLetters ?? null,
      };
    },
    async deadLetters({ durable, limit }) {
      const [total, items] = await Promise.all([countDeadLetters(db, durable), listDeadLetters(db, { state: 'open', after: null, limit, durable })]);
      return { total, items: [...items] };
    },
    async replayDeadLetters({ durable, dryRun, by }) {
      const matching = await countDeadLetters(db, durable);
      if (dryRun) return { matching, replayed: 0, refused: 0, left: matching };
      const { looked, ...counts } = await handleAgain(durable, matching, performance.now() + REPLAY.timeoutMs - ANSWER_MARGIN_MS);
      log.info({ by, durable, looked, ...counts }, 'dead letters were replayed on request');
      return { matching, ...counts, left: Math.max(0, matching - looked) };
    },
  };
}
