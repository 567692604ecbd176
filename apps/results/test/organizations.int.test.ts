import { request } from '@schoolbell/messaging';
import { resultsSummariesRepublish } from '@schoolbell/contracts';
import { startNats, testDatabase, TEST_TOKEN, waitFor, type RunningNats, type TestDatabase } from '@schoolbell/testing';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSummary } from './folding.ts';
import { startFakeIngest, type FakeIngest } from './ingest.ts';
import { reference } from './reference.ts';
import { READER, startTestResults, type TestResults } from './service.ts';
import { at, completed, voided, type Told } from './story.ts';

const LEARNERS = 250;

let database: TestDatabase;
let nats: RunningNats;
let ingest: FakeIngest;
let replicas: TestResults[];
let connection: NatsConnection;

// The first attempt of each learner is the best, the second the latest.
const told: Told[] = Array.from({ length: LEARNERS }, (_, index) => [
  completed({ attemptId: `best-${index}`, learnerId: `u-${index}`, score: 19, completedAt: at(0) }),
  completed({ attemptId: `latest-${index}`, learnerId: `u-${index}`, score: 5, completedAt: at(60_000) }),
]).flat();

beforeAll(async () => {
  [database, nats] = await Promise.all([testDatabase('results'), startNats()]);
  ingest = await startFakeIngest(nats.url);
  connection = await connect({ servers: nats.url });
  replicas = await Promise.all([0, 1].map(() => startTestResults({ databaseUrl: database.url('results'), natsUrl: nats.url })));
  await ingest.tell(...told);
  await newestScores(19);
});
afterAll(async () => {
  for (const replica of replicas) await replica.stop();
  await connection.close();
  await ingest.close();
  await Promise.all([database.drop(), nats.stop()]);
});

const newest = async () => new Map([...(await ingest.newest())].map(([learnerId, summary]) => [learnerId, readSummary(summary)]));
const newestScores = (score: number) =>
  waitFor(`every learner is told with ${score}`, async () => {
    const heard = await newest();
    return heard.size === LEARNERS && [...heard.values()].every(({ summary }) => summary.totals.score === BigInt(score) * 1_000_000n);
  });
const path = '/v1/organizations/acme/recompute';
const recomputed = () => waitFor('nobody waits', async () => (await replicas[0]!.operate(`GET`, path)).body['waiting'] === 0);

describe('a changed policy', () => {
  it('decides every learner anew, once, although the replicas hear of it at different moments and webhooks go on', async () => {
    const [first, second] = replicas;
    expect(await first!.configure({ organization: { attemptPolicy: 'latest' } })).toBe(true);
    const meanwhile = completed({ attemptId: 'meanwhile', learnerId: 'u-7', testId: 't-2' });
    await ingest.tell(meanwhile, voided('latest-8'));
    expect(await second!.configure({ organization: { attemptPolicy: 'latest' } })).toBe(true);
    await recomputed();
    const expected = reference([...told, meanwhile, voided('latest-8')], 'latest');
    const differing = async () => [...(await newest())].filter(([id, { summary }]) => JSON.stringify(summary.tests, bigints) !== JSON.stringify(expected.get(id)?.tests, bigints)).map(([id]) => id);
    await waitFor('the newest summaries are right', async () => (await differing()).length === 0);
    const { body } = await first!.operate('GET', path);
    expect(body).toMatchObject({ policy: 'latest', version: 2, learners: LEARNERS, waiting: 0 });
    // u-0 had one summary under each policy: whoever refolded twice changed nothing the second time.
    expect((await newest()).get('u-0')?.revision).toBe(2);
  });

  it('cuts the lists of everybody when only a bound changed', async () => {
    await replicas[0]!.configure({ organization: { attemptPolicy: 'latest', summaryLimits: { tests: 1 } } });
    await waitFor('u-7 is told cut', async () => (await newest()).get('u-7')?.truncated !== undefined);
    expect((await newest()).get('u-7')).toMatchObject({ truncated: { tests: '2' }, summary: { totals: { testsCompleted: 2 } } });
  });
});

describe('recompute', () => {
  it('counts when it is only asked', async () => {
    await recomputed();
    const before = await replicas[0]!.operate('GET', path);
    const { status, body } = await replicas[0]!.operate('POST', path, { dryRun: true });
    expect(status).toBe(200);
    expect(body).toMatchObject({ learners: LEARNERS, waiting: 0, dryRun: true, version: before.body['version'] });
  });

  it('decides all anew, and tells nothing that did not change', async () => {
    const before = (await ingest.summaries()).length;
    const { status, body } = await replicas[0]!.operate('POST', path, { dryRun: false });
    expect(status).toBe(202);
    expect(body).toMatchObject({ learners: LEARNERS, waiting: LEARNERS });
    await recomputed();
    expect(await ingest.summaries()).toHaveLength(before);
  });

  it.each([
    ['without a token', 401, path, ''],
    ['without the scope', 403, path, READER],
    ['of an organization that nobody declared', 404, '/v1/organizations/nobody/recompute', TEST_TOKEN],
  ])('is refused %s', async (_, status, where, token) => {
    expect((await replicas[0]!.operate('POST', where, { dryRun: true }, token)).status).toBe(status);
  });
});

describe('telling again', () => {
  const nextWish = (dryRun: boolean) =>
    request({ current: () => ({ connection }), connected: () => true } as unknown as Parameters<typeof request>[0], resultsSummariesRepublish, { organizationId: 'acme', dryRun });

  it('counts first', async () => {
    const before = (await ingest.summaries()).length;
    expect(await nextWish(true)).toEqual({ learners: LEARNERS });
    expect(await ingest.summaries()).toHaveLength(before);
  });

  it('tells each newest summary once more, with its revision and its very bytes', async () => {
    const before = await ingest.summaries();
    expect(await nextWish(false)).toEqual({ learners: LEARNERS });
    const again = await waitFor('all are told again', async () => {
      const all = await ingest.summaries();
      return all.length >= before.length + LEARNERS ? all.slice(before.length) : undefined;
    });
    expect(again).toHaveLength(LEARNERS);
    const newest = await ingest.newest();
    for (const { learnerId, body } of again!) expect(body).toBe(newest.get(learnerId)?.body);
  });
});

const bigints = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);
