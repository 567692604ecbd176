import { startNats, waitFor, type RunningNats } from '@schoolbell/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readRating, type RatedLearner, type RatingPosition } from '../src/ratings/store.ts';
import { openFolding, type Folding } from './folding.ts';
import { startTestResults, type TestResults } from './service.ts';
import { completed, voided } from './story.ts';

interface Rating {
  readonly learners: number;
  readonly items: readonly Record<string, unknown>[];
  readonly next: string | null;
}

let folding: Folding;
let nats: RunningNats;
let results: TestResults;

beforeAll(async () => {
  [folding, nats] = await Promise.all([openFolding(), startNats()]);
  results = await startTestResults({ databaseUrl: folding.databaseUrl, natsUrl: nats.url });
});
beforeEach(() => folding.clear());
afterAll(async () => {
  await results.stop();
  await Promise.all([folding.close(), nats.stop()]);
});

const get = async (path: string): Promise<Rating> => (await results.operate<Rating>('GET', `/v1/organizations/acme/${path}`)).body;

describe('the rating of an organization', () => {
  it('is a competition rank by share of the maximum, then by score', async () => {
    await folding.tell(
      completed({ learnerId: 'u-b', score: 18, maxScore: 20 }),
      completed({ learnerId: 'u-a', score: 18, maxScore: 20 }),
      completed({ learnerId: 'u-c', score: 9, maxScore: 10 }),
      completed({ learnerId: 'u-d', score: 20, maxScore: 20 }),
      completed({ learnerId: 'u-e', score: 30, maxScore: 100, passed: false }),
    );
    expect(await get('rating')).toEqual({
      learners: 5,
      items: [
        { rank: 1, percentile: 90, learnerId: 'u-d', score: 20, maxScore: 20, percent: 100, testsCompleted: 1, testsPassed: 1 },
        { rank: 2, percentile: 60, learnerId: 'u-a', score: 18, maxScore: 20, percent: 90, testsCompleted: 1, testsPassed: 1 },
        { rank: 2, percentile: 60, learnerId: 'u-b', score: 18, maxScore: 20, percent: 90, testsCompleted: 1, testsPassed: 1 },
        { rank: 4, percentile: 30, learnerId: 'u-c', score: 9, maxScore: 10, percent: 90, testsCompleted: 1, testsPassed: 1 },
        { rank: 5, percentile: 10, learnerId: 'u-e', score: 30, maxScore: 100, percent: 30, testsCompleted: 1, testsPassed: 0 },
      ],
      next: null,
    });
  });

  it('tells fractions apart that only the eleventh digit does', async () => {
    await folding.tell(
      completed({ learnerId: 'u-1', score: 333_333_333.333332, maxScore: 999_999_999.999996 }),
      completed({ learnerId: 'u-2', score: 333_333_333.333333, maxScore: 999_999_999.999999 }),
      completed({ learnerId: 'u-3', score: 333_333_333.333333, maxScore: 999_999_999.999998 }),
      completed({ learnerId: 'u-4', score: 1, maxScore: 3 }),
    );
    const { items } = await get('rating');
    expect(items.map(({ rank, learnerId }) => [rank, learnerId])).toEqual([[1, 'u-3'], [2, 'u-2'], [3, 'u-1'], [4, 'u-4']]);
  });

  it('leaves out who has no result left, and is empty at the beginning', async () => {
    expect(await get('rating')).toEqual({ learners: 0, items: [], next: null });
    const result = completed({ learnerId: 'u-2' });
    await folding.tell(completed(), result);
    await folding.tell(voided(result.data.attemptId));
    expect(await get('rating')).toMatchObject({ learners: 1, items: [{ learnerId: 'u-1', percentile: 50 }] });
    expect(await get('courses/c-1/rating')).toMatchObject({ learners: 1 });
  });
});

describe('the rating of a course', () => {
  it('ranks what was done there', async () => {
    await folding.tell(
      completed({ learnerId: 'u-1', courseId: 'c-1', score: 1 }),
      completed({ learnerId: 'u-1', courseId: 'c-2', score: 20 }),
      completed({ learnerId: 'u-2', courseId: 'c-1', score: 2 }),
    );
    expect((await get('courses/c-1/rating')).items).toMatchObject([{ learnerId: 'u-2', rank: 1, score: 2 }, { learnerId: 'u-1', rank: 2, score: 1 }]);
    expect(await get('courses/c-2/rating')).toMatchObject({ learners: 1, items: [{ learnerId: 'u-1', rank: 1, percent: 100 }] });
    expect(await get('courses/c-none/rating')).toEqual({ learners: 0, items: [], next: null });
  });
});

describe('pages of a rating', () => {
  it('go on behind their last line, wherever the others have moved', async () => {
    await folding.tell(...Array.from({ length: 10 }, (_, n) => completed({ learnerId: `u-${n}`, score: 10 - Math.floor(n / 2) })));
    const first = await get('rating?limit=5');
    expect(first).toMatchObject({ learners: 10, items: [{ rank: 1 }, { rank: 1 }, { rank: 3 }, { rank: 3 }, { rank: 5 }] });
    await folding.tell(completed({ learnerId: 'u-9', score: 19 }), completed({ learnerId: 'u-new', score: 1 }));
    const second = await get(`rating?limit=50&after=${first.next}`);
    expect(second.learners).toBe(11);
    expect(second.items.map(({ learnerId, rank }) => [learnerId, rank])).toEqual([['u-5', 6], ['u-6', 8], ['u-7', 8], ['u-8', 10], ['u-new', 11]]);
  });
});

describe('many readings at once', () => {
  it('take two connections; a few wait, and the rest shall come again', async () => {
    await folding.tell(completed());
    const read = () => results.operate('GET', '/v1/organizations/acme/rating');
    const answered: number[] = [];
    const ask = (count: number) => Array.from({ length: count }, async () => {
      const { status, body } = await read();
      answered.push(status);
      return [status, body['code']];
    });
    const readings = await folding.db.transaction(async (tx) => {
      await tx.query({ name: 'test_lock', text: 'LOCK TABLE learner IN ACCESS EXCLUSIVE MODE' }, []);
      const held = () => folding.sql(`SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%board AS MATERIALIZED%' AND pid <> pg_backend_pid()`);
      const first = ask(2);
      await waitFor('two are read', async () => (await held()).length === 2);
      const others = ask(25);
      await waitFor('five are sent away', async () => answered.length === 5);
      expect(answered).toEqual([503, 503, 503, 503, 503]);
      expect(await held()).toHaveLength(2);
      expect(await results.metricsText()).toContain('results_ratings_queued{service="results"} 20');
      return [...first, ...others];
    });
    const answers = await Promise.all(readings);
    expect(answers.filter(([status]) => status === 200)).toHaveLength(22);
    expect(answers.filter(([, code]) => code === 'overloaded')).toHaveLength(5);
  });
});

describe('any set of totals', () => {
  it('is ranked as exact fractions are compared, page by page', async () => {
    const decimal = fc.oneof(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 2 ** 50 })).map(BigInt);
    const totals = fc.array(fc.tuple(decimal, decimal), { minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(totals, fc.integer({ min: 1, max: 9 }), async (pairs, limit) => {
        await folding.clear();
        const rows = pairs.map(([a, b], n) => ({ learnerId: `u-${String(n).padStart(2, '0')}`, score: a < b ? a : b, maxScore: a < b ? b : a }));
        await folding.sql(
          `INSERT INTO course_total SELECT 'acme', k.id, 'c-1', k.score / 1000000, k.max_score / 1000000, 1, 0
           FROM unnest($1::text[], $2::numeric[], $3::numeric[]) AS k (id, score, max_score)`,
          [rows.map(({ learnerId }) => learnerId), rows.map(({ score }) => `${score}.000000`), rows.map(({ maxScore }) => `${maxScore}.000000`)],
        );
        const compare = (a: (typeof rows)[number], b: (typeof rows)[number]): number => {
          const difference = b.score * a.maxScore - a.score * b.maxScore || b.score - a.score;
          return difference > 0n ? 1 : difference < 0n ? -1 : 0;
        };
        const expected = rows
          .toSorted((a, b) => compare(a, b) || (a.learnerId < b.learnerId ? -1 : 1))
          .map((row) => ({
            learnerId: row.learnerId,
            rank: 1 + rows.filter((other) => compare(other, row) < 0).length,
            equal: rows.filter((other) => compare(other, row) === 0).length,
          }));
        const listed: RatedLearner[] = [];
        for (let after: RatingPosition | undefined; ; after = listed.at(-1)) {
          const { items } = await readRating(folding.db, { organizationId: 'acme', courseId: 'c-1', after, limit });
          listed.push(...items);
          if (items.length < limit) break;
        }
        expect(listed.map(({ learnerId, rank, equal }) => ({ learnerId, rank, equal }))).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });
});

describe('the index for courses', () => {
  it('is not taken by the look-ups of the fold, not even in an empty table', async () => {
    const plan = async (text: string): Promise<string> => JSON.stringify(await folding.sql(`EXPLAIN ${text}`));
    expect(
      await plan(`SELECT c.* FROM unnest('{a}'::text[], '{b}'::text[], '{c}'::text[]) AS k (o, l, c) CROSS JOIN LATERAL (SELECT * FROM course_total
        WHERE course_total.organization_id = k.o AND course_total.learner_id = k.l AND course_total.course_id = k.c OFFSET 0) AS c`),
    ).not.toContain('course_total_of_course');
  });
});
