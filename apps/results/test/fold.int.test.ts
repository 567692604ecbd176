import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openFolding, type Folding } from './folding.ts';
import { reference } from './reference.ts';
import { at, completed, regraded, voided, type Told } from './story.ts';

let folding: Folding;
beforeAll(async () => {
  folding = await openFolding();
});
afterEach(async () => {
  await folding.clear();
  await folding.configure({});
});
afterAll(() => folding.close());

const totals = async (learnerId?: string) => (await folding.summary(learnerId))?.summary.totals;

describe('the fold', () => {
  it('adds decimals that a double cannot', async () => {
    const parts = Array.from({ length: 10 }, (_, index) => completed({ testId: `t-${index}`, score: 0.1, maxScore: 999_999_999.999999 }));
    await folding.tell(...parts);
    expect(await totals()).toMatchObject({ score: 1_000_000n, maxScore: 9_999_999_999_999_990n });
  });

  it('rounds percentages half up, and once', async () => {
    // 100 * 0.16995 / 2 is 8.4975: up. 8.49499999995 is below the half, however it is written on the way.
    await folding.tell(completed({ score: 0.16995, maxScore: 2 }));
    expect(await totals()).toMatchObject({ percent: 850n });
    await folding.tell(completed({ learnerId: 'u-2', score: 84_949_999.9995, maxScore: 999_999_999.999999 }));
    expect(await totals('u-2')).toMatchObject({ percent: 849n });
  });

  it('keeps identifiers whatever is in them', async () => {
    const odd = { learnerId: `"}' \\ ü 🙂`, courseId: 'c "quoted"', testId: '{"testId":1}', attemptId: "a'; --" };
    await folding.tell(completed(odd));
    const { body } = (await folding.summary(odd.learnerId))!;
    expect(JSON.parse(body)).toMatchObject({ data: { learnerId: odd.learnerId, tests: [{ courseId: odd.courseId, testId: odd.testId }] } });
  });

  it('tells the same learner of two organizations apart', async () => {
    await folding.configure({ id: 'globex' });
    await folding.tell(completed({ attemptId: 'a-same', score: 1 }), completed({ attemptId: 'a-same', organizationId: 'globex', score: 2 }));
    const rows = await folding.sql('SELECT organization_id, score::text AS score FROM learner ORDER BY organization_id');
    expect(rows.map((row) => Object.values(row).map((value) => String(value).replace(/\.0+$/, '')))).toEqual([['acme', '1'], ['globex', '2']]);
  });

  it('stamps each learner with the version of the own organization', async () => {
    await folding.configure({ id: 'initech' });
    await folding.configure({ attemptPolicy: 'latest' });
    const versions = new Map((await folding.sql<{ organization_id: string; version: number }>('SELECT organization_id, version FROM organization')).map((row) => [row.organization_id, row.version]));
    expect(versions.get('acme')).not.toBe(versions.get('initech'));
    await folding.tell(completed(), completed({ organizationId: 'initech' }));
    const learners = await folding.sql<{ organization_id: string; version: number }>('SELECT organization_id, version FROM learner');
    expect(learners).toHaveLength(2);
    for (const learner of learners) expect(learner.version).toBe(versions.get(learner.organization_id));
  });

  it('goes back to the next best when the best is taken back, and to nothing after the last', async () => {
    const [worst, middle, best] = [3, 11, 19].map((score) => completed({ attemptId: `a-${score}`, score }));
    await folding.tell(worst!, middle!, best!);
    expect(await totals()).toMatchObject({ score: 19_000_000n });
    await folding.tell(voided('a-19'));
    expect(await totals()).toMatchObject({ score: 11_000_000n });
    await folding.tell(regraded(middle!, { score: 2 }));
    expect(await totals()).toMatchObject({ score: 3_000_000n });
    await folding.tell(voided('a-3'), voided('a-11'));
    const last = (await folding.summary())!;
    expect(last).toMatchObject({ revision: 4, summary: { tests: [], lastCompletedMs: null } });
    expect(last.body).toContain('"percent":0,"testsCompleted":0,"testsPassed":0');
    expect(last.body).toContain('"lastCompletedAt":null');
  });

  it('does not tell what changed nothing', async () => {
    await folding.tell(completed({ score: 19 }));
    const before = await folding.summary();
    await folding.tell(completed({ score: 3, completedAt: at(60_000) }));
    await folding.tell(voided('a-unheard-of'));
    expect(await folding.summary()).toEqual(before);
  });

  it('stamps a summary with the instant of its revision', async () => {
    await folding.tell(completed());
    folding.clock.advance(1_000);
    await folding.tell(completed({ testId: 't-2' }));
    expect((await folding.summary())!.body).toContain(`"timestamp":"${at(1_000)}"`);
  });

  it('cuts long lists at their bound, the newest kept, and says so', async () => {
    await folding.configure({ summaryLimits: { tests: 3, courses: 2 } });
    await folding.tell(...[0, 1, 2, 3, 4].map((index) => completed({ courseId: `c-${index}`, testId: `t-${index}`, completedAt: at(index * 1_000) })));
    const { summary, truncated } = (await folding.summary())!;
    expect(summary.totals.testsCompleted).toBe(5);
    expect(summary.tests.map(({ testId }) => testId)).toEqual(['t-4', 't-3', 't-2']);
    expect(summary.courses.size).toBe(2);
    expect(truncated).toEqual({ courses: '5', tests: '5' });
    expect(summary.lastCompletedMs).toBe(reference([completed({ completedAt: at(4_000) })], 'best').get('u-1')!.lastCompletedMs);
  });

  it('names the owner that binds, also within one batch', async () => {
    const mine = completed({ attemptId: 'a-1' });
    const theirs = completed({ attemptId: 'a-1', learnerId: 'u-2' });
    expect(await folding.tell(mine, theirs)).toEqual([expect.objectContaining({ event: theirs, code: 'attempt-conflict' })]);
    expect(await folding.tell(theirs)).toEqual([expect.objectContaining({ code: 'attempt-conflict' })]);
    expect((await folding.summaries()).size).toBe(1);
  });

  it('binds the first owner after a void came first', async () => {
    await folding.tell(voided('a-1'));
    expect(await folding.tell(completed({ attemptId: 'a-1' }))).toEqual([]);
    expect(await folding.tell(completed({ attemptId: 'a-1', learnerId: 'u-2' }))).toHaveLength(1);
    expect((await folding.summaries()).size).toBe(0);
  });

  it('tells no zeros of a learner who never had a test that counts, also when it decides anew', async () => {
    await folding.tell(voided('a-1'));
    await folding.tell(completed({ attemptId: 'a-1' }));
    await folding.configure({ attemptPolicy: 'latest' });
    await folding.db.transaction((tx) => folding.fold.refold(tx, [{ organizationId: 'acme', learnerId: 'u-1' }]));
    const rows = await folding.sql('SELECT l.revision, l.body, l.content_sha256, l.version = o.version AS current FROM learner l JOIN organization o USING (organization_id)');
    expect(rows).toEqual([{ revision: 0, body: null, content_sha256: null, current: true }]);
    expect(await folding.sql('SELECT FROM summary_queue')).toEqual([]);
    await folding.tell(completed());
    expect(await folding.summary()).toMatchObject({ revision: 1, summary: { totals: { testsCompleted: 1 } } });
  });
});

describe('at once', () => {
  it('two folds of the same learners and attempts wait for each other, and lose nothing', async () => {
    const told: Told[] = Array.from({ length: 400 }, (_, index) =>
      completed({ attemptId: `a-${index % 300}`, learnerId: `u-${(index % 300) % 6}`, testId: `t-${(index % 300) % 11}`, score: index % 21, maxScore: 21, timestamp: at(index) }),
    );
    const batches = Array.from({ length: 40 }, (_, index) => told.slice(index * 10, index * 10 + 10));
    const voids = Array.from({ length: 30 }, (_, index) => [voided(`a-${index * 10}`)]);
    // Every batch twice, once backwards, with as many at once as there are connections.
    const waiting = [...batches, ...voids, ...batches.map((batch) => batch.toReversed())].sort((a, b) => a.length - b.length);
    const work = async (): Promise<void> => {
      for (let batch = waiting.shift(); batch !== undefined; batch = waiting.shift()) await folding.tell(...batch);
    };
    await Promise.all(Array.from({ length: 8 }, work));
    const expected = reference([...told, ...voids.flat()], 'best');
    for (const [learnerId, { summary }] of await folding.summaries()) expect(summary).toEqual(expected.get(learnerId));
    expect((await folding.summaries()).size).toBe(expected.size);
  });
});
