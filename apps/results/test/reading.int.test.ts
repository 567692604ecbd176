import { startNats, waitFor, type RunningNats } from '@schoolbell/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFolding, parseExact, type Folding } from './folding.ts';
import { READER, startTestResults, type TestResults } from './service.ts';
import { at, completed, regraded, voided } from './story.ts';

interface Page {
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
afterAll(async () => {
  await results.stop();
  await Promise.all([folding.close(), nats.stop()]);
});

const get = <Body = Page>(path: string, token?: string) => results.operate<Body>('GET', `/v1/organizations/${path}`, undefined, token);
/** All pages of a list. */
const walk = async (path: string, limit: number): Promise<Record<string, unknown>[]> => {
  const items: Record<string, unknown>[] = [];
  for (let after = ''; ; ) {
    const { status, body } = await get(`${path}?limit=${limit}${after === '' ? '' : `&after=${after}`}`);
    expect(status).toBe(200);
    expect(body.items.length).toBeLessThanOrEqual(limit);
    items.push(...body.items);
    if (body.next === null) return items;
    expect(body.items).toHaveLength(limit);
    after = body.next;
  }
};

describe('the summary of a learner', () => {
  it('is the newest text that was told, byte for byte', async () => {
    await folding.tell(completed({ score: 0.1 }));
    await folding.tell(completed({ testId: 't-2', score: 999_999_999.999999, maxScore: 999_999_999.999999 }), completed({ testId: 't-3', score: 0.000001 }));
    const { status, text } = await get('acme/learners/u-1/summary', READER);
    expect(status).toBe(200);
    expect(text).toBe((await folding.summary())!.body);
  });

  it('is 404 for a learner without one', async () => {
    const nobody = await get<{ code: string }>('acme/learners/nobody/summary');
    expect([nobody.status, nobody.body.code]).toEqual([404, 'learner-unknown']);
    // Taken back before it came: the learner is known, and there is nothing to say.
    const result = completed({ learnerId: 'u-void' });
    await folding.tell(voided(result.data.attemptId));
    await folding.tell(result);
    expect((await get('acme/learners/u-void/summary')).status).toBe(404);
  });

  it('needs a token of the organization, and an organization', async () => {
    for (const path of ['learners/u-1/summary', 'learners/u-1/results', 'courses/c-1/tests/t-1/results', 'rating', 'courses/c-1/rating']) {
      expect((await get(`acme/${path}`, 'no-token-of-anybody-at-all-0123')).status).toBe(401);
      expect((await get(`acme/${path}`, READER)).status).toBe(200);
      const other = await get<{ code: string }>(`other/${path}`, READER);
      expect([other.status, other.body.code]).toEqual([403, 'organization-not-allowed']);
      const unknown = await get<{ code: string }>(`unknown/${path}`);
      expect([unknown.status, unknown.body.code]).toEqual([404, 'organization-unknown']);
    }
  });
});

describe('the results of a learner', () => {
  it('are all attempts, newest first, and say which one counts', async () => {
    const worse = completed({ learnerId: 'u-2', score: 5, completedAt: at(1000), kind: 'simulator', startedAt: at(-1000) });
    const better = completed({ learnerId: 'u-2', score: 9.5, completedAt: at(0) });
    const gone = completed({ learnerId: 'u-2', testId: 't-9', completedAt: at(2000), passed: undefined });
    await folding.tell(worse, better, gone, voided(gone.data.attemptId));
    const { body } = await get('acme/learners/u-2/results');
    expect(body).toEqual({
      items: [
        expect.objectContaining({ attemptId: gone.data.attemptId, testId: 't-9', voided: true, counts: false, passed: false }),
        {
          attemptId: worse.data.attemptId,
          courseId: 'c-1',
          testId: 't-1',
          score: 5,
          maxScore: 20,
          percent: 25,
          passed: true,
          kind: 'simulator',
          startedAt: at(-1000),
          completedAt: at(1000),
          voided: false,
          counts: false,
        },
        expect.objectContaining({ attemptId: better.data.attemptId, score: 9.5, percent: 47.5, kind: null, startedAt: null, voided: false, counts: true }),
      ],
      next: null,
    });
    await folding.tell(regraded(worse, { score: 20 }));
    const counting = (await get('acme/learners/u-2/results')).body.items.filter(({ counts }) => counts === true);
    expect(counting).toMatchObject([{ attemptId: worse.data.attemptId, score: 20 }]);
  });

  it('come page by page, each once, also when newer ones come in between', async () => {
    const attempts = Array.from({ length: 25 }, (_, n) => completed({ learnerId: 'u-3', testId: `t-${n % 7}`, completedAt: at((n % 5) * 1000) }));
    await folding.tell(...attempts);
    const first = (await get('acme/learners/u-3/results?limit=10')).body;
    await folding.tell(completed({ learnerId: 'u-3', completedAt: at(60_000) }));
    const second = (await get(`acme/learners/u-3/results?limit=20&after=${first.next}`)).body;
    expect(second.next).toBeNull();
    const told = attempts.map(({ data }) => [data.completedAt, data.attemptId]).sort((a, b) => (a.join(' ') < b.join(' ') ? 1 : -1));
    expect([...first.items, ...second.items].map(({ completedAt, attemptId }) => [completedAt, attemptId])).toEqual(told);
    expect(await walk('acme/learners/u-3/results', 13)).toHaveLength(26);
  });

  it('are none of an unknown learner, and a cursor must be ours', async () => {
    expect((await get('acme/learners/nobody/results')).body).toEqual({ items: [], next: null });
    for (const path of ['learners/u-3/results', 'courses/c-1/tests/t-1/results', 'rating', 'courses/c-1/rating']) {
      for (const after of ['x', '%00', Buffer.from('["0","0","u-1"]').toString('base64url'), Buffer.from('[1e400,"a"]').toString('base64url')]) {
        const { status, body } = await get<{ code: string }>(`acme/${path}?after=${after}`);
        expect([status, body.code]).toEqual([400, 'cursor-invalid']);
      }
      for (const query of ['limit=0', 'limit=501', 'limit=x']) expect((await get(`acme/${path}?${query}`)).status).toBeGreaterThanOrEqual(400);
    }
    expect((await get('acme/learners/a%00b/results')).status).toBeLessThan(500);
    expect(results.errors).toEqual([]);
  });
});

describe('the results of a test', () => {
  it('are the counting attempts of those who did it, by learner', async () => {
    const learners = Array.from({ length: 7 }, (_, n) => `u-4${n}`);
    await folding.tell(
      ...learners.map((learnerId, n) => completed({ learnerId, courseId: 'c-4', testId: 't-4', score: n, completedAt: at(n) })),
      completed({ learnerId: 'u-40', courseId: 'c-4', testId: 't-4', score: 12.25 }),
      completed({ learnerId: 'u-nobody', courseId: 'c-4', testId: 't-other' }),
      completed({ learnerId: 'u-elsewhere', courseId: 'c-5', testId: 't-4' }),
    );
    const items = await walk('acme/courses/c-4/tests/t-4/results', 3);
    expect(items.map(({ learnerId, score }) => [learnerId, score])).toEqual(learners.map((learnerId, n) => [learnerId, n === 0 ? 12.25 : n]));
    expect(items[1]).toEqual({ learnerId: 'u-41', attemptId: expect.any(String) as string, score: 1, maxScore: 20, percent: 5, passed: true, completedAt: at(1) });
    expect((await get('acme/courses/c-4/tests/t-none/results')).body).toEqual({ items: [], next: null });
  });
});

describe('the curl that the start prints', () => {
  it('shows a summary as soon as a webhook was folded', async () => {
    await folding.tell(completed({ learnerId: 'u-000123' }));
    const { body } = await waitFor('the summary can be read', async () => {
      const answer = await get('acme/learners/u-000123/summary');
      return answer.status === 200 ? answer : undefined;
    });
    expect(body).toMatchObject({ type: 'learner.summary.updated', data: { learnerId: 'u-000123' } });
  });
});

describe('sums that no double can hold', () => {
  it('keep all of their digits', async () => {
    const most = 999_999_998.999999;
    await folding.tell(...Array.from({ length: 11 }, (_, n) => completed({ learnerId: 'u-exact', courseId: 'c-exact', testId: `t-${n}`, score: most, maxScore: most })));
    const { text } = await get('acme/courses/c-exact/rating');
    expect(text).toContain('"score":10999999988.999989,"maxScore":10999999988.999989,"percent":100');
    expect(parseExact(text)).toMatchObject({ items: [{ score: '10999999988.999989' }] });
  });
});
