import { startNats, testDatabase, waitFor, type RunningNats, type TestDatabase } from '@schoolbell/testing';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startCrashing } from './crashing.ts';
import { readSummary } from './folding.ts';

import { startFakeIngest, type FakeIngest } from './ingest.ts';
import { reference } from './reference.ts';
import { startTestResults, type TestResults } from './service.ts';
import { at, completed, regraded, voided, type Told } from './story.ts';


let nats: RunningNats;
let database: TestDatabase;
let ingest: FakeIngest;
let look: pg.Pool;
const replicas: TestResults[] = [];

beforeEach(async () => {
  [database, nats] = await Promise.all([testDatabase('results'), startNats()]);
  ingest = await startFakeIngest(nats.url);
  look = new pg.Pool({ connectionString: database.url('results'), options: '-c search_path=results', max: 1 });
});
afterEach(async () => {
  for (const replica of replicas.splice(0)) await replica.stop();
  await look.end();
  await ingest.close();
  await Promise.all([database.drop(), nats.stop()]);
});

const start = async (): Promise<TestResults> => {
  const replica = await startTestResults({ databaseUrl: database.url('results'), natsUrl: nats.url });
  replicas.push(replica);
  return replica;
};
const settled = () => waitFor('everything is confirmed', async () => (await ingest.unconfirmed()) === 0);
const rows = async <Row extends object>(text: string): Promise<Row[]> => (await look.query<Row>(text)).rows;
const letters = () => rows<{ code: string; detail: string; event_id: string; id: string }>('SELECT id::text AS id, code, detail, event_id FROM dead_letter ORDER BY event_id');
/** What the stream ends with says what the reference says. */
const expectTold = async (told: readonly Told[]): Promise<void> => {
  await settled();
  const expected = reference(told, 'best');
  const newest = async () => new Map([...(await ingest.newest())].map(([learnerId, summary]) => [learnerId, readSummary(summary)]));
  await waitFor('the newest summaries are told', async () => {
    const heard = await newest();
    return [...expected.keys()].every((id) => heard.get(id)?.summary.totals.testsCompleted === expected.get(id)!.totals.testsCompleted);
  });
  for (const [id, { summary }] of await newest()) expect(summary).toEqual(expected.get(id) ?? expect.objectContaining({ tests: [], lastCompletedMs: null }));
};

describe('results of learners', () => {
  it('become a summary that is told', async () => {
    await start();
    await ingest.tell(completed({ score: 17.5 }), completed({ testId: 't-2', passed: undefined, completedAt: at(5000) }));
    await settled();
    const told = await waitFor('it is told', async () => (await ingest.summaries()).find(({ body }) => body.includes('t-2')));
    expect(told).toMatchObject({ organizationId: 'acme', learnerId: 'u-1' });
    expect(JSON.parse(told!.body)).toMatchObject({
      type: 'learner.summary.updated',
      data: {
        organizationId: 'acme',
        learnerId: 'u-1',
        revision: told!.revision,
        totals: { score: 34.5, maxScore: 40, percent: 86.25, testsCompleted: 2, testsPassed: 1 },
        courses: [{ courseId: 'c-1', score: 34.5, maxScore: 40, percent: 86.25, testsCompleted: 2, testsPassed: 1 }],
        tests: [{ testId: 't-2', passed: false }, { testId: 't-1', score: 17.5, passed: true, completedAt: at(0) }],
        lastCompletedAt: at(5000),
      },
    });
  });

  it('change nothing when they come again', async () => {
    await start();
    const told = [completed(), completed({ testId: 't-2' }), completed({ learnerId: 'u-2' })];
    await ingest.tell(...told);
    await expectTold(told);
    const before = await rows('SELECT learner_id, revision, body FROM learner ORDER BY learner_id');
    const count = (await ingest.summaries()).length;
    await ingest.tell(...told, ...told);
    await settled();
    expect(await rows('SELECT learner_id, revision, body FROM learner ORDER BY learner_id')).toEqual(before);
    expect(await ingest.summaries()).toHaveLength(count);
  });

  it('count once when the process ends between the effect and its confirmation', async () => {
    const crashing = await startCrashing({ databaseUrl: database.url('results'), natsUrl: nats.url, crashes: 2 });
    const told = [completed(), completed({ testId: 't-2' }), voided('a-nobody')];
    await ingest.tell(...told);
    await waitFor('it ended after two commits', () => crashing.crashed() === 2);
    await settled();
    await crashing.stop();
    // Whatever batches there were, each was committed once and came again.
    const [learner] = await rows<{ revision: number; tests_completed: number }>('SELECT revision, tests_completed FROM learner');
    expect(learner).toMatchObject({ tests_completed: 2 });
    expect(learner!.revision).toBeLessThanOrEqual(2);
    await start();
    await expectTold(told);
  });

  it('end in the same summary in every order, a void before what it voids included', async () => {
    await start();
    const first = completed({ attemptId: 'a-first', score: 3 });
    const better = regraded(first, { score: 19 });
    const taken = completed({ attemptId: 'a-taken', testId: 't-2' });
    const told = [voided('a-taken'), better, completed({ learnerId: 'u-2' }), taken, first];
    await ingest.tell(told[0]!);
    await settled();
    await ingest.tell(...told.slice(1));
    await expectTold(told);
  });

  it('park what can never be stored, and nothing beside it', async () => {
    const replica = await start();
    const good = Array.from({ length: 60 }, (_, index) => completed({ learnerId: `u-${index % 7}`, testId: `t-${index}` }));
    // Postgres has no NUL in a text, although JSON has.
    const poison = completed({ learnerId: 'u-1', testId: 't-x', kind: 'a\u0000b' });
    await ingest.tell(...good.slice(0, 30), poison, ...good.slice(30));
    await ingest.raw('{"no": "event"}');
    await expectTold(good);
    expect((await letters()).map(({ code }) => code).sort()).toEqual(['failed-data', 'not-an-event']);
    const { body } = await replica.operate<{ items: { eventId: string; code: string }[] }>('GET', '/v1/dead-letters');
    expect(body.items).toContainEqual(expect.objectContaining({ eventId: poison.id, code: 'failed-data' }));
  });

  it('are refused when an attempt changes its learner, course or test', async () => {
    await start();
    const known = completed({ attemptId: 'a-known' });
    await ingest.tell(known);
    await settled();
    const conflicts = [
      completed({ attemptId: 'a-known', learnerId: 'u-2', timestamp: at(9000) }),
      completed({ attemptId: 'a-known', courseId: 'c-9', timestamp: at(9000) }),
      completed({ attemptId: 'a-known', testId: 't-9', timestamp: at(9000) }),
    ];
    await ingest.tell(...conflicts);
    await settled();
    expect((await letters()).map(({ code, event_id }) => [event_id, code]).sort()).toEqual(conflicts.map(({ id }) => [id, 'attempt-conflict']).sort());
    const alerts = await rows<{ body: string }>(`SELECT body FROM outbox WHERE stream = 'ALERTS_RESULTS'`);
    expect(alerts.map(({ body }) => (JSON.parse(body) as { data: { kind: string; labels: object } }).data)).toContainEqual(
      expect.objectContaining({ kind: 'dead-letter', severity: 'critical', labels: expect.objectContaining({ code: 'attempt-conflict' }) as object }),
    );
    await expectTold([known]);
  });

  it('are folded once by two replicas at work on the same learners', async () => {
    await Promise.all([start(), start()]);
    // 1,200 attempts at 40 tests of 9 learners; the first 300 of them are told a second time, later and otherwise.
    const told = Array.from({ length: 1_500 }, (_, index) => {
      const attempt = index % 1_200;
      return completed({ attemptId: `a-${attempt}`, learnerId: `u-${attempt % 9}`, testId: `t-${attempt % 40}`, score: index % 20, timestamp: at(index) });
    });
    for (let from = 0; from < told.length; from += 100) await ingest.tell(...told.slice(from, from + 100));
    await expectTold(told);
    expect(replicas.flatMap(({ errors }) => errors)).toEqual([]);
    expect(await letters()).toEqual([]);
  });
});
