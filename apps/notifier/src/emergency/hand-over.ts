import type { Tx } from '@schoolbell/service-kit';
import type { Problem } from '../problems/problem.ts';
import { loadProblems, lockProblems, queueNotices, saveProblems } from '../problems/store.ts';
import { ensureChats, postponeChat } from '../telegram/chat-store.ts';
import { insertMessage, insertSpoken } from '../telegram/message-store.ts';
import type { LaneSnapshot } from './snapshot.ts';

/** The database is back: what was decided and told without it becomes its own, in one transaction. */
export async function handOver(tx: Tx, { problems, waiting, inHand, paces, spoken }: LaneSnapshot, nowMs: number): Promise<void> {
  await lockProblems(tx);
  const stored = await loadProblems(tx, problems.map(({ fingerprint }) => fingerprint));
  await saveProblems(tx, problems.map((mine) => reconcile(mine, stored.get(mine.fingerprint))));
  const chatIds = [...waiting, ...inHand, ...paces].map(({ chatId }) => chatId);
  await ensureChats(tx, [...new Set(chatIds)]);
  for (const { chatId, message } of inHand) await insertMessage(tx, chatId, message, [], nowMs);
  for (const { chatId, notices } of waiting) await queueNotices(tx, notices, [chatId]);
  for (const { chatId, pace } of paces) await postponeChat(tx, chatId, pace);
  await insertSpoken(tx, spoken);
}

/** One problem, as this replica and the others saw it: the newer state counts, and whoever told last told it last. */
export function reconcile(mine: Problem, theirs: Problem | undefined): Problem {
  if (theirs === undefined) return mine;
  // An episode that began after the other one was over has its own beginning and its own counts. People act through
  // the database alone, and what they mute stays muted over episodes.
  if (isLaterEpisode(mine, theirs)) return { ...mine, mutedUntilMs: theirs.mutedUntilMs };
  if (isLaterEpisode(theirs, mine)) return theirs;
  const newer = mine.stateAtMs >= theirs.stateAtMs ? mine : theirs;
  const teller = (mine.toldAtMs ?? 0) >= (theirs.toldAtMs ?? 0) ? mine : theirs;
  return {
    ...newer,
    told: teller.told,
    toldAtMs: teller.toldAtMs,
    firstAtMs: Math.min(mine.firstAtMs, theirs.firstAtMs),
    lastAtMs: Math.max(mine.lastAtMs, theirs.lastAtMs),
    total: Math.max(mine.total, theirs.total),
    step: Math.max(mine.step, theirs.step),
    quietUntilMs: Math.max(mine.quietUntilMs, theirs.quietUntilMs),
    flaps: Math.max(mine.flaps, theirs.flaps),
    ...(mine.firstAtMs <= theirs.lastAtMs && {
      acknowledgedAtMs: theirs.acknowledgedAtMs,
      acknowledgedBy: theirs.acknowledgedBy,
      mutedUntilMs: theirs.mutedUntilMs,
      escalations: Math.max(mine.escalations, theirs.escalations),
    }),
  };
}

const isLaterEpisode = (one: Problem, other: Problem): boolean => other.state === 'resolved' && one.firstAtMs > other.lastAtMs;
