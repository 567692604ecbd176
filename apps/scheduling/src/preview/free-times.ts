import type { Database } from '@schoolbell/service-kit';
import { toLocal } from '@schoolbell/time/zones';
import { takenBesides } from '../moves/claims.ts';
import { askBreaks } from '../moves/offering.ts';
import { refuse, type Refusal, type RefusalCode } from '../moves/refusals.ts';
import { breaksOf } from '../moves/rules.ts';
import { limitOf, type Facts, type Lesson } from '../moves/state.ts';
import { glance, type Glance } from './read.ts';

/** Where a lesson may move to, and what ends each stretch of free times. Read without locks: it promises nothing. */

/** Starts are looked for on half hours of the package's wall clock. All offsets in use are whole quarters of an hour. */
export const FREE_TIME_STEP_MINUTES = 30;
const QUARTER_MS = 15 * 60_000;

/** Starts without a gap between them, and the rules that the next one would break; none: the range ends. */
export interface FreeStretch {
  readonly first: number;
  readonly last: number;
  readonly endedBy: readonly RefusalCode[];
}

export interface FreeTimes {
  readonly starts: readonly number[];
  readonly stretches: readonly FreeStretch[];
  /** What ends them all: no later start is possible. */
  readonly bound: { readonly at: number; readonly code: 'beyond-package-limit' | 'beyond-contract-end' };
  readonly facts: Pick<Facts, 'packageId'>;
}

/** Starts in `from <= t < to` that break no rule, for one lesson; a refusal when it cannot be moved at all. */
export const freeTimes = (
  db: Database, now: number, lessonId: string, range: { from: number; to: number },
): Promise<FreeTimes | (Refusal & Pick<FreeTimes, 'facts'>) | undefined> =>
  glance(db, lessonId, 'lesson', async ({ scene, chosen, facts, busyAt }: Glance) => {
    const refusal = whyNotMove(chosen, now, facts);
    if (refusal !== undefined) return { ...refusal, facts };
    const length = chosen.minutes * 60_000;
    const limit = limitOf(chosen, facts);
    const known: Facts = { ...facts, busy: await busyAt([{ start: range.from, end: range.to + length }]) };
    const taken = takenBesides(scene, known, new Set([chosen.id]), 'dropped');
    const looked = gridOf(Math.max(range.from, now), range.to, facts.zone)
      .map((start) => ({ start, codes: breaksOf(chosen, start, now, known, taken) }));
    return {
      facts,
      starts: looked.filter(({ codes }) => codes.length === 0).map(({ start }) => start),
      stretches: stretchesOf(looked),
      bound: { at: limit - length, code: limit === (chosen.extendedLimit ?? facts.limit) ? 'beyond-package-limit' : 'beyond-contract-end' },
    };
  });

/** A scheduled lesson is asked for, one that is being moved is countered, one that awaits a time is proposed for. */
function whyNotMove(lesson: Lesson, now: number, facts: Pick<Facts, 'frozenSince'>): Refusal | undefined {
  if (facts.frozenSince !== undefined) return refuse('package-frozen');
  if (lesson.status === 'offered' || lesson.status === 'awaiting') return undefined;
  const [code] = askBreaks(now)(lesson);
  return code === undefined ? undefined : refuse(code);
}

export function gridOf(from: number, to: number, zone: string): number[] {
  const first = Math.ceil(from / QUARTER_MS) * QUARTER_MS;
  const quarters = Array.from({ length: Math.max(0, Math.ceil((to - first) / QUARTER_MS)) }, (_, index) => first + index * QUARTER_MS);
  return quarters.filter((start) => Number(toLocal(start, zone).time.slice(3, 5)) % FREE_TIME_STEP_MINUTES === 0);
}

export function stretchesOf(looked: readonly { readonly start: number; readonly codes: readonly RefusalCode[] }[]): FreeStretch[] {
  const stretches: FreeStretch[] = [];
  looked.forEach(({ start, codes }, index) => {
    if (codes.length > 0) return;
    const before = looked[index - 1];
    const first = before?.codes.length === 0 ? (stretches.pop()?.first ?? start) : start;
    stretches.push({ first, last: start, endedBy: looked[index + 1]?.codes ?? [] });
  });
  return stretches;
}
