import type { Statement, Tx } from '@schoolbell/service-kit';
import type { Clock } from '@schoolbell/time';
import { recordDeed, type Actor } from '../acts/record.ts';
import { acknowledge, mute } from './attention.ts';
import type { Problem } from './problem.ts';
import { loadProblems, lockProblems, saveProblems } from './store.ts';

export type Attended = { readonly kind: 'done'; readonly problem: Problem } | { readonly kind: 'unknown' } | { readonly kind: 'over' };

/** What people do about problems. Each action and its record are one transaction, together with what the caller adds. */
export interface Attendant {
  /** `episode`: only if the problem is still in the episode that began then; else it is over. */
  acknowledge(tx: Tx, id: bigint, who: Actor, episode?: number): Promise<Attended>;
  mute(tx: Tx, id: bigint, who: Actor, minutes: number, episode?: number): Promise<Attended>;
}

const findFingerprint: Statement = { name: 'problem_fingerprint', text: 'SELECT fingerprint FROM problem WHERE id = $1::bigint' };

export function createAttendant({ clock }: { clock: Clock }): Attendant {
  async function attend(tx: Tx, id: bigint, episode: number | undefined, work: (problem: Problem) => Promise<Attended>): Promise<Attended> {
    await lockProblems(tx);
    const [row] = await tx.query<{ fingerprint: string }>(findFingerprint, [id.toString()]);
    const problem = row && (await loadProblems(tx, [row.fingerprint])).get(row.fingerprint);
    if (problem === undefined) return { kind: 'unknown' };
    return episode === undefined || episode === problem.firstAtMs ? work(problem) : { kind: 'over' };
  }

  async function keep(tx: Tx, who: Actor, problem: Problem, kind: 'acknowledge' | 'mute', detail: string, nowMs: number): Promise<Attended> {
    await saveProblems(tx, [problem]);
    await recordDeed(tx, who, { kind, fingerprint: problem.fingerprint, detail }, nowMs);
    return { kind: 'done', problem };
  }

  return {
    acknowledge: (tx, id, who, episode) =>
      attend(tx, id, episode, async (problem) => {
        if (problem.state === 'resolved') return { kind: 'over' };
        const nowMs = clock.now();
        const taken = acknowledge(problem, who.by, nowMs);
        // Somebody had it already: nothing happened that would be worth a record.
        return taken === problem ? { kind: 'done', problem } : keep(tx, who, taken, 'acknowledge', '', nowMs);
      }),
    mute: (tx, id, who, minutes, episode) =>
      attend(tx, id, episode, (problem) => {
        const nowMs = clock.now();
        return keep(tx, who, mute(problem, nowMs + minutes * 60_000), 'mute', `${minutes} minutes`, nowMs);
      }),
  };
}
