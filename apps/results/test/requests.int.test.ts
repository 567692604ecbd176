// What results answers to the notifier and to delivery over NATS.
import { deadLettersReplayRequests, deadLettersRequests, resultsLearner, resultsSummariesRepublish, statusRequests, type RequestDefinition } from '@schoolbell/contracts';
import { connectNats, request, type Nats } from '@schoolbell/messaging';
import { createLogger } from '@schoolbell/service-kit';
import { startNats, startPostgres, waitFor, type RunningNats, type RunningPostgres } from '@schoolbell/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFakeIngest, type FakeIngest } from './ingest.ts';
import { startTestResults, type TestResults } from './service.ts';
import { completed } from './story.ts';

const by = 'Anna (telegram 7)';
const letters = deadLettersRequests.results;
const replay = deadLettersReplayRequests.results;
const status = statusRequests.results;

let postgres: RunningPostgres;
let nats: RunningNats;
let ingest: FakeIngest;
let results: TestResults;
let asker: Nats;

beforeAll(async () => {
  [postgres, nats] = await Promise.all([startPostgres(), startNats()]);
  const database = await postgres.database('results');
  ingest = await startFakeIngest(nats.url);
  results = await startTestResults({ databaseUrl: database.url('results'), natsUrl: nats.url });
  asker = connectNats({ url: nats.url, name: 'notifier', log: createLogger({ service: 'notifier', level: 'silent' }) });
  await waitFor('results is well', async () => (await request(asker, status, {})).status === 'ok');
});
afterAll(async () => {
  await asker?.close();
  await results?.stop();
  await ingest?.close();
  await nats?.stop();
  await postgres?.stop();
});

const confirmed = () => waitFor('everything is confirmed', async () => (await ingest.unconfirmed()) === 0);

describe('results, asked over NATS', () => {
  it('tells the newest revision of a learner, and nothing of one that it does not know', async () => {
    await ingest.tell(completed({ learnerId: 'u-1' }), completed({ learnerId: 'u-1', testId: 't-2', passed: false }));
    await confirmed();
    const { items } = await request(asker, resultsLearner, { learnerId: 'u-1' });
    expect(items).toMatchObject([{ organizationId: 'acme', revision: expect.any(Number), testsCompleted: 2, testsPassed: 1 }]);
    expect(await request(asker, resultsLearner, { learnerId: 'nobody' })).toEqual({ items: [] });
  });

  it('tells the newest summaries again, and first how many they are', async () => {
    const told = async (): Promise<number> => (await ingest.summaries()).filter(({ learnerId }) => learnerId === 'u-1').length;
    const before = await waitFor('the summary is told', told);
    expect(await request(asker, resultsSummariesRepublish, { organizationId: 'acme', dryRun: true })).toEqual({ learners: 1 });
    expect(await request(asker, resultsSummariesRepublish, { organizationId: 'nowhere', dryRun: false })).toEqual({ learners: 0 });
    expect(await told()).toBe(before);
    expect(await request(asker, resultsSummariesRepublish, { organizationId: 'acme', dryRun: false })).toEqual({ learners: 1 });
    await waitFor('it is told again', async () => (await told()) > before);
  });

  it('shows what it could not handle, and handles it again once somebody has mended the cause', async () => {
    await ingest.tell(completed({ organizationId: 'initech', learnerId: 'u-late' }));
    await ingest.raw('this is no event');
    await confirmed();
    expect(await request(asker, letters, {})).toMatchObject({ total: 2, items: expect.arrayContaining([expect.objectContaining({ durable: 'results-fold', code: 'organization-unknown' })]) });
    expect(await request(asker, letters, { limit: 1 })).toMatchObject({ total: 2, items: [{ durable: 'results-fold' }] });
    expect(await request(asker, letters, { durable: 'of-nobody' })).toEqual({ total: 0, items: [] });
    expect(await request(asker, replay, { dryRun: true, by })).toEqual({ matching: 2, replayed: 0, refused: 0, left: 2 });
    expect(await request(asker, replay, { dryRun: false, by })).toEqual({ matching: 2, replayed: 0, refused: 2, left: 0 });

    await results.configure({ overrides: { organizations: [{ id: 'acme' }, { id: 'initech' }] } });
    expect(await request(asker, replay, { durable: 'results-fold', dryRun: false, by })).toEqual({ matching: 2, replayed: 1, refused: 1, left: 0 });
    expect(await request(asker, resultsLearner, { learnerId: 'u-late' })).toMatchObject({ items: [{ organizationId: 'initech', revision: 1 }] });
    expect(await request(asker, replay, { durable: 'results-fold', dryRun: false, by })).toEqual({ matching: 1, replayed: 0, refused: 1, left: 0 });
    expect(await request(asker, status, {})).toMatchObject({
      status: 'ok',
      deadLetters: 1,
      lags: expect.arrayContaining([{ name: 'results-fold', kind: 'consumer', waiting: 0 }, { name: 'RESULTS_SUMMARY', kind: 'outbox', waiting: expect.any(Number) }]),
    });
  });

  it.each([
    ['a person for a learner', resultsLearner, { learnerId: 'anna@example.com' }, 'learnerId'],
    ['no learner', resultsLearner, {}, 'learnerId'],
    ['an organization that is no text', resultsSummariesRepublish, { organizationId: 7, dryRun: true }, 'organizationId'],
    ['more than a message holds', letters, { limit: 101 }, 'limit'],
    ['a durable that no service can have', letters, { durable: 'a\u0000b' }, 'durable'],
    ['a replay that does not say whether it is one', replay, { by }, 'dryRun'],
  ] as const)('refuses %s, and says what is wrong', async (_name, definition, payload, field) => {
    await expect(request(asker, definition as RequestDefinition, payload)).rejects.toMatchObject({ code: 'refused', message: expect.stringMatching(new RegExp(`not valid[^]*${field}`)) });
  });
});

describe('results without its database, asked', () => {
  beforeAll(async () => {
    await postgres.stop();
    await waitFor('results knows', async () => (await request(asker, status, {})).status === 'down');
  });

  it.each([
    ['about a learner', resultsLearner, { learnerId: 'u-1' }],
    ['to tell again', resultsSummariesRepublish, { organizationId: 'acme', dryRun: true }],
    ['for dead letters', letters, {}],
    ['to handle them again', replay, { dryRun: false, by }],
  ] as const)('%s, says so', async (_name, definition, payload) => {
    await expect(request(asker, definition as RequestDefinition, payload)).rejects.toMatchObject({ code: 'unavailable', message: 'its database does not answer' });
  });

  it('how it is, says it without the numbers that stand in the database', async () => {
    const answer = await request(asker, status, {});
    expect(answer).toMatchObject({ status: 'down', deadLetters: null, checks: expect.arrayContaining([expect.objectContaining({ name: 'database', state: 'down' })]) });
    expect(answer.lags).toContainEqual({ name: 'RESULTS_SUMMARY', kind: 'outbox', waiting: null });
  });

  it('when it is back, answers as before', async () => {
    await postgres.restart();
    await waitFor('it answers', async () => (await request(asker, resultsLearner, { learnerId: 'u-1' })).items.length === 1);
  });
});
