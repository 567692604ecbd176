// Whatever the order, the batches and the repeats: what is stored equals what the reference computes from the story.
import type { AttemptPolicy } from '@schoolbell/contracts';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openFolding, type Folding } from './folding.ts';
import { reference } from './reference.ts';
import { at, completed, regraded, voided, type Told } from './story.ts';

let folding: Folding;
beforeAll(async () => {
  folding = await openFolding();
});
afterAll(() => folding.close());

// Few of everything, so that events meet. An attempt's learner and test follow from its number: no conflicts here.
const LEARNERS = 3;
const TESTS = 3;
const score = fc.constantFrom(0, 0.000001, 1, 2.5, 3.333333, 6.666666, 7, 10);
const maxScore = fc.constantFrom(10, 12.000001, 30, 999_999_999);
const minute = fc.integer({ min: 0, max: 3 });
const happening = fc.record({
  attempt: fc.integer({ min: 1, max: 14 }),
  kind: fc.constantFrom('completed' as const, 'completed' as const, 'regraded' as const, 'voided' as const),
  score,
  maxScore,
  passed: fc.constantFrom(true, false, undefined),
  completedMinute: minute,
  decidedMinute: minute,
});
type Happening = typeof happening extends fc.Arbitrary<infer Value> ? Value : never;

function tellOf({ attempt, kind, completedMinute, decidedMinute, ...data }: Happening): Told {
  const attemptId = `a-${attempt}`;
  if (kind === 'voided') return voided(attemptId, { timestamp: at(decidedMinute * 60_000) });
  const told = completed({
    attemptId,
    learnerId: `u-${attempt % LEARNERS}`,
    // The same test stands in two courses.
    courseId: `c-${attempt % 2}`,
    testId: `t-${attempt % TESTS}`,
    ...data,
    completedAt: at(completedMinute * 60_000),
    timestamp: at(decidedMinute * 60_000),
  });
  return kind === 'regraded' ? regraded(told, {}) : told;
}

const story = fc.array(happening, { minLength: 1, maxLength: 40 }).map((happenings) => happenings.map(tellOf));
const arrival = story.chain((told) =>
  fc.record({
    told: fc.constant(told),
    // Everything once in some order, and some of it again.
    order: fc
      .tuple(fc.shuffledSubarray(told, { minLength: told.length }), fc.subarray(told))
      .chain(([once, again]) => fc.shuffledSubarray([...once, ...again], { minLength: once.length + again.length })),
    batch: fc.integer({ min: 1, max: 20 }),
  }),
);

it.each<AttemptPolicy>(['best', 'latest', 'first'])('equals the reference under the policy %s', async (attemptPolicy) => {
  await folding.configure({ attemptPolicy });
  await fc.assert(
    fc.asyncProperty(arrival, async ({ told, order, batch }) => {
      await folding.clear();
      let before = await folding.summaries();
      for (let from = 0; from < order.length; from += batch) {
        expect(await folding.tell(...order.slice(from, from + batch))).toEqual([]);
        const after = await folding.summaries();
        for (const [learnerId, { revision, summary }] of after) {
          const former = before.get(learnerId);
          // By one exactly when it says something else.
          const changed = former === undefined || !same(former.summary, summary);
          expect(revision).toBe((former?.revision ?? 0) + (changed ? 1 : 0));
        }
        before = after;
      }
      const expected = reference(told, attemptPolicy);
      for (const [learnerId, { summary }] of before) {
        const wanted = expected.get(learnerId);
        if (wanted === undefined) expect(summary.totals).toEqual({ score: 0n, maxScore: 0n, percent: 0n, testsCompleted: 0, testsPassed: 0 });
        else expect(summary).toEqual(wanted);
      }
      expect([...expected.keys()].filter((learnerId) => !before.has(learnerId))).toEqual([]);
    }),
    { numRuns: 30 },
  );
});

const same = (a: unknown, b: unknown): boolean => text(a) === text(b);
const text = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part instanceof Map ? [...part].sort() : part));
