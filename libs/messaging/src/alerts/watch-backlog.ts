import { createPeriodic, type Database, type Log, type Periodic } from '@schoolbell/service-kit';
import type { Clock } from '@schoolbell/time';
import type { Ledger } from '../relay/ledger.ts';
import type { NewAlert } from './alerts.ts';
import { INITIAL_LEVEL, stepLevelTrigger, type LevelTriggerState } from './level-trigger.ts';

const LOOK_EVERY_MS = 10_000;
/** The oldest row may wait so long for its stream before somebody is told. */
export const BACKLOG_PATIENCE_MS = 60_000;
const LIMITS = Object.freeze({ failuresToFire: 1, repeatEveryMs: 60_000, resolvedRepeats: 3 });

/** The oldest row that waits, and since when it has been the oldest. */
export interface Head {
  readonly messageId: string | undefined;
  readonly sinceMs: number;
}

/** Rows that wait are normal under load; the same row at the head for a minute is not. */
export function nextHead(head: Head, messageId: string | undefined, nowMs: number): Head {
  return head.messageId === messageId ? head : { messageId, sinceMs: nowMs };
}

export const isStuck = ({ messageId, sinceMs }: Head, nowMs: number): boolean => messageId !== undefined && nowMs - sinceMs >= BACKLOG_PATIENCE_MS;

/** Tells the on-call admin, past the stream, that committed events do not reach their stream. */
export function watchBacklog(deps: {
  db: Database;
  streams: readonly { readonly name: string; readonly ledger: Ledger }[];
  raiseDirect: (alert: NewAlert) => void;
  clock: Clock;
  log: Log;
}): Periodic {
  const { db, clock, log } = deps;
  const heads = new Map<string, Head>();
  const levels = new Map<string, LevelTriggerState>();

  async function look(name: string, ledger: Ledger): Promise<void> {
    const oldest = await ledger.oldest(db);
    const nowMs = clock.now();
    const head = nextHead(heads.get(name) ?? { messageId: undefined, sinceMs: nowMs }, oldest, nowMs);
    heads.set(name, head);
    const { state, say } = stepLevelTrigger(levels.get(name) ?? { ...INITIAL_LEVEL, resolvedLeft: 0 }, !isStuck(head, nowMs), nowMs, LIMITS);
    levels.set(name, state);
    if (say === undefined) return;
    const waiting = say === 'firing' ? await ledger.backlog(db) : 0;
    deps.raiseDirect({
      fingerprint: `outbox-backlog:${name}`,
      kind: 'outbox-backlog',
      state: say,
      severity: 'critical',
      title: `Events do not reach the stream ${name}`,
      detail: say === 'firing' ? `${waiting} wait in Postgres, the oldest for more than a minute. Nothing is lost.` : 'They reach it again.',
    });
  }

  return createPeriodic({
    name: 'backlog-watch',
    everyMs: LOOK_EVERY_MS,
    log,
    run: async () => {
      for (const { name, ledger } of deps.streams) await look(name, ledger);
    },
  });
}
