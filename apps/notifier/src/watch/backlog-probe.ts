import type { Clock } from '@schoolbell/time';
import type { Watched } from './watch.ts';

/** Nothing that is to be told waits so long unless a chat cannot be reached, and no alert unless nobody takes it in. */
export const BACKLOG_AFTER_MS = 180_000;
/** Looked at each second: a queue that is being worked off is none. */
const FAILURES_TO_FIRE = 20;

/** Since when the oldest alert waits, in the queue to Telegram and in the streams. */
export interface Backlog {
  /** Oldest of what is to be told; undefined: nothing waits, or it is not known. */
  readonly oldestNoticeMs: () => number | undefined;
  /** Since when a consumer has had something and confirmed nothing. */
  readonly stuckSince: () => { readonly durable: string; readonly sinceMs: number } | undefined;
}

/** Do alerts reach people? Told to the chats that can be reached, and to the next ones if nobody acknowledges it. */
export function watchedBacklog({ oldestNoticeMs, stuckSince }: Backlog, clock: Clock): Watched {
  return {
    name: 'watch-backlog',
    failuresToFire: FAILURES_TO_FIRE,
    alert: { fingerprint: 'notifier-backlog', kind: 'notifier-backlog', severity: 'critical', service: 'notifier', title: 'Alerts do not reach people in time', labels: {} },
    probe() {
      const nowMs = clock.now();
      const waiting = minutes(oldestNoticeMs(), nowMs);
      const stuck = stuckSince();
      const held = minutes(stuck?.sinceMs, nowMs);
      if (waiting !== undefined) return Promise.resolve(`Something has waited ${waiting} minutes to be told: GET /v1/chats says for which chat, and why.`);
      return Promise.resolve(stuck === undefined || held === undefined ? undefined : `${stuck.durable} has taken in no alert for ${held} minutes, and some wait.`);
    },
  };
}

export const isOld = (sinceMs: number | undefined, nowMs: number): sinceMs is number => sinceMs !== undefined && nowMs - sinceMs >= BACKLOG_AFTER_MS;

const minutes = (sinceMs: number | undefined, nowMs: number): number | undefined => (isOld(sinceMs, nowMs) ? Math.floor((nowMs - sinceMs) / 60_000) : undefined);
