import type { Log } from '@schoolbell/service-kit';
import { systemRandom, type Random } from '@schoolbell/time';
import { escalate, escalationDue } from '../problems/attention.ts';
import { byChat, type Audience } from '../problems/audience.ts';
import { fold, type Happening } from '../problems/fold.ts';
import { expiry, type Arrival } from '../problems/ledger.ts';
import { LEVEL_EXPIRES_AFTER_MS } from '../problems/policy.ts';
import type { Notice, Problem } from '../problems/problem.ts';
import { apology, compose, type Composed } from '../telegram/compose.ts';
import { gather } from '../telegram/gather.ts';
import type { SpokenMessage } from '../telegram/message-store.ts';
import { FRESH_PACE, settle as settlePace, spend, type Pace } from '../telegram/pace.ts';
import type { Claim, MessageSource } from '../telegram/source.ts';
import type { LaneSnapshot } from './snapshot.ts';

/** Problems that fit into the head of one process. Only alerts about the infrastructure come this way. */
export const LANE_PROBLEMS_MAX = 500;
/** Notices per chat, before they are gathered to one per problem. */
const LANE_NOTICES_MAX = 1_000;
/** Sent messages that are remembered for the record. */
const LANE_SPOKEN_MAX = 500;

/** Grouping and queue without a database: the same decisions, in memory, bounded. */
export interface Lane extends MessageSource<Claim> {
  /** True while it knows something that the database does not. */
  active(): boolean;
  /** How things stood when the database last answered. */
  learn(problems: ReadonlyMap<string, Problem>): void;
  take(arrivals: readonly Arrival[], nowMs: number): void;
  tick(nowMs: number, levelsExpire: boolean): void;
  snapshot(): LaneSnapshot;
  restore(snapshot: LaneSnapshot): void;
  /** The database has it all. */
  clear(): void;
}

export function createLane(deps: {
  audience: () => Audience;
  escalateAfterMs: () => number;
  /** A message was sent or refused: worth remembering. */
  settled: () => void;
  log: Log;
  random?: Random;
}): Lane {
  const { log, random = systemRandom } = deps;
  const problems = new Map<string, Problem>();
  const touched = new Set<string>();
  const waiting = new Map<string, Notice[]>();
  const inHand = new Map<string, Composed>();
  const paces = new Map<string, Pace>();
  const addresses = new Map<string, string>();
  let spoken: SpokenMessage[] = [];

  function apply(happenings: readonly Happening[], nowMs: number): void {
    const { changed, notices } = fold(problems, happenings, nowMs);
    for (const problem of changed) {
      problems.set(problem.fingerprint, problem);
      touched.add(problem.fingerprint);
    }
    tell(notices);
  }

  function tell(notices: readonly Notice[]): void {
    for (const [chat, own] of byChat(notices, deps.audience())) queue(chat, own);
  }

  /** Without the database nobody can acknowledge, so somebody else is told when it takes long. */
  function escalateDue(nowMs: number): void {
    const limits = { afterMs: deps.escalateAfterMs(), chats: deps.audience().escalation.length, nowMs };
    for (const problem of [...problems.values()].filter((one) => escalationDue(one, limits))) {
      const escalated = escalate(problem, nowMs);
      problems.set(problem.fingerprint, escalated.problem);
      touched.add(problem.fingerprint);
      tell([escalated.notice]);
    }
  }

  function queue(chat: string, notices: readonly Notice[]): void {
    const all = [...(waiting.get(chat) ?? []), ...notices];
    waiting.set(chat, all.length > LANE_NOTICES_MAX ? gather(all) : all);
  }

  function next(chat: string): Composed | undefined {
    const notices = waiting.get(chat) ?? [];
    if (!inHand.has(chat) && notices.length > 0) {
      waiting.delete(chat);
      inHand.set(chat, compose(notices));
    }
    return inHand.get(chat);
  }

  return {
    active: () => touched.size > 0 || waiting.size > 0 || inHand.size > 0 || spoken.length > 0,
    learn(known) {
      problems.clear();
      for (const [fingerprint, problem] of known) problems.set(fingerprint, problem);
    },
    take(arrivals, nowMs) {
      const fingerprints = new Set(problems.keys());
      const room = arrivals.filter(({ sighting: { alert } }) => {
        if (fingerprints.size < LANE_PROBLEMS_MAX) fingerprints.add(alert.fingerprint);
        return fingerprints.has(alert.fingerprint);
      });
      if (room.length < arrivals.length) log.error({ dropped: arrivals.length - room.length }, 'too many different problems to keep them in memory');
      apply(room.map(({ sighting }) => ({ fingerprint: sighting.alert.fingerprint, event: { type: 'alert', sighting } })), nowMs);
    },
    tick(nowMs, levelsExpire) {
      const firing = [...problems.values()].filter(({ state }) => state === 'firing');
      const silent = levelsExpire ? firing.filter(({ level, lastAtMs }) => level && lastAtMs < nowMs - LEVEL_EXPIRES_AFTER_MS) : [];
      const due = [...problems.values()].filter(({ untold, quietUntilMs }) => untold > 0 && quietUntilMs <= nowMs);
      apply([...due.map(({ fingerprint }) => ({ fingerprint, event: { type: 'tick' } }) as const), ...silent.map(expiry)], nowMs);
      escalateDue(nowMs);
    },
    claim(nowMs, busy) {
      for (const chatId of new Set([...inHand.keys(), ...waiting.keys()])) {
        const pace = paces.get(chatId) ?? FRESH_PACE;
        if (busy.has(chatId) || pace.notBeforeMs > nowMs) continue;
        const message = next(chatId);
        if (message === undefined) continue;
        paces.set(chatId, spend(pace, nowMs));
        return Promise.resolve({ chatId, address: addresses.get(chatId) ?? chatId, message, alerts: message.alerts });
      }
      return Promise.resolve(undefined);
    },
    settle({ chatId, alerts, message }, outcome, nowMs) {
      paces.set(chatId, settlePace(paces.get(chatId) ?? FRESH_PACE, outcome, nowMs, random));
      if (outcome.kind === 'chat-moved') addresses.set(chatId, outcome.to);
      if (outcome.kind === 'sent') {
        inHand.delete(chatId);
        spoken = [...spoken, { ...message, chatId, alerts, sentAtMs: nowMs, telegramId: outcome.telegramId }].slice(-LANE_SPOKEN_MAX);
      }
      if (outcome.kind === 'message-refused') {
        const sorry = apology(alerts);
        if (message.text === sorry.text) inHand.delete(chatId);
        else inHand.set(chatId, { ...sorry, alerts });
      }
      deps.settled();
      return Promise.resolve();
    },
    snapshot: () => ({
      version: 1,
      problems: [...touched].map((fingerprint) => problems.get(fingerprint)!),
      waiting: [...waiting].map(([chatId, notices]) => ({ chatId, notices })),
      inHand: [...inHand].map(([chatId, message]) => ({ chatId, message })),
      paces: [...paces].map(([chatId, pace]) => ({ chatId, pace })),
      spoken,
    }),
    restore(snapshot) {
      for (const problem of snapshot.problems) {
        problems.set(problem.fingerprint, problem);
        touched.add(problem.fingerprint);
      }
      for (const { chatId, notices } of snapshot.waiting) waiting.set(chatId, [...notices]);
      for (const { chatId, message } of snapshot.inHand) inHand.set(chatId, message);
      for (const { chatId, pace } of snapshot.paces) paces.set(chatId, pace);
      spoken = [...snapshot.spoken];
    },
    clear() {
      touched.clear();
      waiting.clear();
      inHand.clear();
      paces.clear();
      spoken = [];
    },
  };
}
