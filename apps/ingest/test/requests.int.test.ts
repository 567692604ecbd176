// What ingest answers to the notifier over NATS.
import { deadLettersReplayRequests, deadLettersRequests, ingestActivity, ingestQuarantine, ingestQuarantineReplay, statusRequests, type RequestDefinition } from '@schoolbell/contracts';
import { connectNats, request, type Nats } from '@schoolbell/messaging';
import { createLogger } from '@schoolbell/service-kit';
import { startNats, startPostgres, waitFor, type RunningNats, type RunningPostgres } from '@schoolbell/testing';
import { formatInstant } from '@schoolbell/time';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { completed, send, startTestIngest, type TestIngest } from './ingest.ts';

const by = 'Anna (telegram 7)';
const letters = deadLettersRequests.ingest;
const letterReplay = deadLettersReplayRequests.ingest;
const status = statusRequests.ingest;

let postgres: RunningPostgres;
let nats: RunningNats;
let ingest: TestIngest;
let asker: Nats;

beforeAll(async () => {
  [postgres, nats] = await Promise.all([startPostgres(), startNats()]);
  const database = await postgres.database('ingest');
  ingest = await startTestIngest({ databaseUrl: database.url('ingest'), natsUrl: nats.url });
  asker = connectNats({ url: nats.url, name: 'notifier', log: createLogger({ service: 'notifier', level: 'silent' }) });
  await waitFor('ingest is well', async () => (await request(asker, status, {})).status === 'ok');
});
afterAll(async () => {
  await asker?.close();
  await ingest?.stop();
  await nats?.stop();
  await postgres?.stop();
});

/** A webhook of an organization that the source does not list yet. */
const foreign = () => completed(ingest.clock.now(), { organizationId: 'initech', learnerId: 'u-foreign' });

describe('ingest, asked over NATS', () => {
  it('shows what is in quarantine and why, and never a body', async () => {
    for (let count = 0; count < 3; count += 1) await send(ingest, foreign());
    await send(ingest, completed(ingest.clock.now(), { learnerId: 'A Person <person@example.com>' }));
    await send(ingest, foreign(), { source: 'slow' });
    const all = await request(asker, ingestQuarantine, {});
    expect(all).toMatchObject({ total: 5 });
    expect(all.items).toHaveLength(5);
    expect(all.items[0]).toMatchObject({ source: 'platform', reason: 'organization', fault: expect.stringContaining('/data/organizationId'), times: 1 });
    expect(JSON.stringify(all)).not.toMatch(/person@|u-foreign/);
    expect(await request(asker, ingestQuarantine, { source: 'platform', limit: 2 })).toMatchObject({ total: 4, items: [{}, {}] });
    expect(await request(asker, ingestQuarantine, { source: 'nowhere' })).toEqual({ total: 0, items: [] });
  });

  it('judges it again after a fix: first only counts, then takes in, each once', async () => {
    const wish = { source: 'platform', by };
    expect(await request(asker, ingestQuarantineReplay, { ...wish, dryRun: true })).toEqual({ matching: 4, outcomes: { 'still-invalid': 4 }, left: 0 });
    await ingest.configure((configuration) => {
      configuration.organizations.push({ id: 'initech' });
      for (const source of configuration.sources) source.organizations.push('initech');
    });
    expect(await request(asker, ingestQuarantineReplay, { ...wish, dryRun: true })).toEqual({ matching: 4, outcomes: { replayed: 3, 'still-invalid': 1 }, left: 0 });
    expect(await ingest.sql(`SELECT FROM outbox WHERE body LIKE '%u-foreign%'`)).toEqual([]);
    expect(await request(asker, ingestQuarantineReplay, { ...wish, dryRun: false })).toEqual({ matching: 4, outcomes: { replayed: 3, 'still-invalid': 1 }, left: 0 });
    expect(await request(asker, ingestQuarantineReplay, { ...wish, dryRun: false })).toEqual({ matching: 1, outcomes: { 'still-invalid': 1 }, left: 0 });
    expect(await request(asker, ingestQuarantineReplay, { dryRun: false, by })).toMatchObject({ matching: 2, outcomes: { replayed: 1, 'still-invalid': 1 } });
    expect(await ingest.sql(`SELECT FROM outbox WHERE body LIKE '%u-foreign%'`)).toHaveLength(4);
  });

  it('tells for the digest what it took in, and how it is', async () => {
    await send(ingest, completed(ingest.clock.now()));
    expect(await request(asker, ingestActivity, { since: formatInstant(ingest.clock.now() - 3_600_000) })).toEqual({ accepted: 5, quarantined: 1 });
    expect(await request(asker, ingestActivity, { since: formatInstant(ingest.clock.now() + 3_600_000) })).toEqual({ accepted: 0, quarantined: 1 });
    expect(await request(asker, status, {})).toMatchObject({ status: 'ok', deadLetters: 0, lags: expect.arrayContaining([expect.objectContaining({ name: 'INGEST_RESULT', kind: 'outbox' })]) });
  });

  it('has no dead letters, for it consumes nothing', async () => {
    expect(await request(asker, letters, {})).toEqual({ total: 0, items: [] });
    expect(await request(asker, letterReplay, { dryRun: false, by })).toEqual({ matching: 0, replayed: 0, refused: 0, left: 0 });
  });

  it.each([
    ['a source that none can be', ingestQuarantine, { source: "platform'; --" }, 'source'],
    ['a page of nothing', ingestQuarantine, { limit: 0 }, 'limit'],
    ['a replay of nobody', ingestQuarantineReplay, { dryRun: true }, 'by'],
    ['a replay that does not say whether it is one', ingestQuarantineReplay, { by }, 'dryRun'],
    ['a time that is none', ingestActivity, { since: 'yesterday' }, 'since'],
    ['a durable that no service can have', letters, { durable: 'a\u0000b' }, 'durable'],
  ] as const)('refuses %s, and says what is wrong', async (_name, definition, payload, field) => {
    await expect(request(asker, definition as RequestDefinition, payload)).rejects.toMatchObject({ code: 'refused', message: expect.stringMatching(new RegExp(`not valid[^]*${field}`)) });
  });
});

describe('ingest without its database, asked', () => {
  beforeAll(async () => {
    await postgres.stop();
    await waitFor('ingest knows', async () => (await request(asker, status, {})).status === 'down');
  });

  it.each([
    ['for its quarantine', ingestQuarantine, {}],
    ['to judge it again', ingestQuarantineReplay, { dryRun: false, by }],
    ['for the digest', ingestActivity, { since: '2026-11-21T05:30:00.000Z' }],
    ['for dead letters', letters, {}],
    ['to handle them again', letterReplay, { dryRun: false, by }],
  ] as const)('%s, says so', async (_name, definition, payload) => {
    await expect(request(asker, definition as RequestDefinition, payload)).rejects.toMatchObject({ code: 'unavailable', message: 'its database does not answer' });
  });

  it('how it is, says it without the numbers that stand in the database', async () => {
    expect(await request(asker, status, {})).toMatchObject({ status: 'down', deadLetters: null, lags: expect.arrayContaining([{ name: 'INGEST_RESULT', kind: 'outbox', waiting: null }]) });
  });

  it('when it is back, answers as before', async () => {
    await postgres.restart();
    await waitFor('it answers', async () => (await request(asker, ingestQuarantine, {})).total === 1);
  });
});
