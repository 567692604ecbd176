import type { Tx } from '@schoolbell/service-kit';
import { ensureChats } from '../telegram/chat-store.ts';
import { escalate } from './attention.ts';
import { audienceOf, type Audience } from './audience.ts';
import { fold, type Folded } from './fold.ts';
import { EVENT_EXPIRES_AFTER_MS, EVENT_KINDS, LEVEL_EXPIRES_AFTER_MS } from './policy.ts';
import type { Notice, Problem, Sighting } from './problem.ts';
import { dueProblems, keepAlerts, loadProblems, lockProblems, queueNotices, saveProblems, silentProblems, unattendedProblems } from './store.ts';

/** Problems looked at in one transaction of a tick. */
const TICK_LIMIT = 500;

/** An alert about to be taken in. `eventId` is there when a stream may deliver it again. */
export interface Arrival {
  readonly eventId?: string;
  readonly sighting: Sighting;
}

/** Problems in Postgres: every method is one decision per problem, its state and its notices in one transaction. */
export interface ProblemLedger {
  /** Takes alerts in, each event id once. */
  take(tx: Tx, arrivals: readonly Arrival[], nowMs: number): Promise<Folded>;
  /** Tells what waited for the end of a pause, and closes what nobody reports any more. `more`: call again at once. */
  tick(tx: Tx, options: { nowMs: number; levelsExpire: boolean }): Promise<{ notices: number; more: boolean }>;
}

export function createProblemLedger(deps: { audience: () => Audience; escalateAfterMs: () => number }): ProblemLedger {
  const write = async (tx: Tx, folded: Folded): Promise<Folded> => {
    await saveProblems(tx, folded.changed);
    if (folded.notices.length === 0) return folded;
    const audience = deps.audience();
    await ensureChats(tx, [...audience.chats, ...audience.escalation]);
    for (const group of sameAudience(folded, audience)) await queueNotices(tx, group.notices, group.chats);
    return folded;
  };

  return {
    async take(tx, arrivals, nowMs) {
      await lockProblems(tx);
      const known = arrivals.flatMap(({ eventId, sighting: { alert, atMs } }) =>
        eventId === undefined ? [] : [{ eventId, fingerprint: alert.fingerprint, state: alert.state, detail: alert.detail, atMs }],
      );
      const fresh = await keepAlerts(tx, [...new Map(known.map((one) => [one.eventId, one])).values()], nowMs);
      const taken = arrivals.filter(({ eventId }) => eventId === undefined || fresh.delete(eventId));
      const problems = await loadProblems(tx, taken.map(({ sighting }) => sighting.alert.fingerprint));
      const happenings = taken.map(({ sighting }) => ({ fingerprint: sighting.alert.fingerprint, event: { type: 'alert', sighting } as const }));
      return write(tx, fold(problems, happenings, nowMs));
    },
    async tick(tx, { nowMs, levelsExpire }) {
      await lockProblems(tx);
      const due = await dueProblems(tx, nowMs, TICK_LIMIT);
      const told = await write(tx, fold(due, [...due.keys()].map((fingerprint) => ({ fingerprint, event: { type: 'tick' } })), nowMs));
      const silent = await silentProblems(tx, {
        levelsSinceMs: levelsExpire ? nowMs - LEVEL_EXPIRES_AFTER_MS : 0,
        eventsSinceMs: nowMs - EVENT_EXPIRES_AFTER_MS,
        eventKinds: EVENT_KINDS,
        limit: TICK_LIMIT,
      });
      const closed = await write(tx, fold(silent, [...silent.values()].map(expiry), nowMs));
      const waiting = await unattendedProblems(tx, { afterMs: deps.escalateAfterMs(), chats: deps.audience().escalation.length, nowMs, limit: TICK_LIMIT });
      const escalated = [...waiting.values()].map((problem) => escalate(problem, nowMs));
      await write(tx, { changed: escalated.map(({ problem }) => problem), notices: escalated.map(({ notice }) => notice) });
      return { notices: told.notices.length + closed.notices.length + escalated.length, more: due.size === TICK_LIMIT || silent.size === TICK_LIMIT };
    },
  };
}

/** Most notices go to the same chats: those are written together. */
function sameAudience({ notices }: Folded, audience: Audience): { notices: Notice[]; chats: string[] }[] {
  const groups = new Map<string, { notices: Notice[]; chats: string[] }>();
  for (const notice of notices) {
    const chats = audienceOf(notice, audience);
    const key = chats.join(' ');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { notices: [notice], chats: [...chats] });
    else group.notices.push(notice);
  }
  return [...groups.values()];
}

/** Whoever was told that it began is told that it is over, if that is known only by silence. */
export function expiry({ fingerprint, level }: Problem) {
  return { fingerprint, event: { type: 'expire', tell: level } } as const;
}
