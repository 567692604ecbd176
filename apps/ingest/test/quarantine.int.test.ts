import { emptyTables, startNats, testDatabase, type RunningNats, type TestDatabase } from '@schoolbell/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { completed, nextId, operate, post, send, startTestIngest, type TestIngest } from './ingest.ts';

let database: TestDatabase;
let nats: RunningNats;
let ingest: TestIngest;

beforeAll(async () => {
  [database, nats] = await Promise.all([testDatabase('ingest'), startNats()]);
  ingest = await startTestIngest({ databaseUrl: database.url('ingest'), natsUrl: nats.url });
});
beforeEach(async () => {
  await ingest.configure((same) => same);
  await emptyTables(ingest.sql, 'quarantine, open_alert, outbox');
});
afterAll(async () => {
  await ingest?.stop();
  await nats?.stop();
  await database?.drop();
});

const now = () => ingest.clock.now();
interface Entry {
  readonly expiresAt: string;
  readonly id: string;
  readonly webhookId: string;
  readonly state: string;
  readonly reason: string;
  readonly times: number;
  readonly known: object;
  readonly errors: { pointer: string }[];
}
const list = async (query = '') => (await operate(ingest, 'GET', `/v1/quarantine${query}`)).body as unknown as { items: Entry[]; next: string | null };
const show = async (id: string) => (await operate(ingest, 'GET', `/v1/quarantine/${id}`)).body as unknown as Entry;
const replay = (id: string) => operate(ingest, 'POST', `/v1/quarantine/${id}/replay`);
const replayAll = async (filter: object) => (await operate(ingest, 'POST', '/v1/quarantine/replay', filter)).body;
/** A webhook of an organization that the source does not list yet. */
const foreign = () => completed(now(), { organizationId: 'initech', learnerId: 'u-foreign' });
const allowInitech = () =>
  ingest.configure((configuration) => {
    configuration.organizations.push({ id: 'initech' });
    for (const source of configuration.sources) source.organizations.push('initech');
  });

describe('an authentic webhook that is no valid event', () => {
  it('is listed with known fields, its body encrypted, and told', async () => {
    const id = nextId();
    await send(ingest, completed(now(), { learnerId: 'A Person <person@example.com>', score: 'x' }, { note: 'private' }), { id });
    const { items, next } = await list();
    expect(next).toBeNull();
    expect(items).toMatchObject([{ webhookId: id, source: 'platform', reason: 'structure', state: 'open', times: 1, closedAt: null }]);
    expect(items[0]!.errors.map(({ pointer }) => pointer).sort()).toEqual(['/data/learnerId', '/data/score']);
    expect(items[0]!.known).toMatchObject({ type: 'test.completed', courseId: 'c-12' });
    expect(JSON.stringify(await show(items[0]!.id))).not.toMatch(/person@|private/);
    const [stored] = await ingest.sql<{ body: Buffer }>('SELECT body FROM quarantine');
    expect(stored!.body.toString('latin1')).not.toMatch(/person|private|learnerId/);
    expect(await ingest.alerts()).toMatchObject([{ kind: 'webhook-invalid', state: 'firing', labels: { source: 'platform', reason: 'structure' } }]);
  });

  it.each([
    ['GET', '', undefined],
    ['GET', '/:id', undefined],
    ['POST', '/:id/replay', undefined],
    ['POST', '/replay', { dryRun: false }],
  ] as const)('%s /v1/quarantine%s: may be about any organization, so a restricted token is refused', async (method, path, body) => {
    await send(ingest, foreign());
    const [entry] = (await list()).items;
    await allowInitech();
    const url = `/v1/quarantine${path.replace(':id', entry!.id)}`;
    expect(await operate(ingest, method, url, body, 'a-token-that-is-for-acme-alone')).toMatchObject({ status: 403, body: { code: 'organization-not-allowed' } });
    expect(await show(entry!.id)).toMatchObject({ state: 'open' });
    expect((await operate(ingest, method, url, body)).status).toBe(200);
  });

  it('is one row however often it comes', async () => {
    const id = nextId();
    const event = foreign();
    await Promise.all(Array.from({ length: 12 }, () => send(ingest, event, { id })));
    await send(ingest, event, { id });
    const { items } = await list();
    expect(items).toHaveLength(1);
    expect(items[0]!.times).toBeGreaterThan(1);
  });

  it('is kept as long as its last answer promised, under the key of today, for the reason of today', async () => {
    const id = nextId();
    const event = foreign();
    await send(ingest, event, { id });
    const before = (await list()).items[0]!;
    ingest.clock.shift(24 * 3_600_000);
    await ingest.configure((configuration) => ({
      ...configuration,
      quarantineKey: { env: 'OTHER_KEY' },
      sources: configuration.sources.map((source) => ({ ...source, transform: '{"type": "nothing"}' })),
    }));
    await send(ingest, event, { id });
    const after = (await list()).items[0]!;
    expect(after).toMatchObject({ id: before.id, times: 2, reason: 'structure' });
    expect(Date.parse(after.expiresAt) - Date.parse(before.expiresAt)).toBeGreaterThanOrEqual(24 * 3_600_000);
    await ingest.configure((configuration) => {
      configuration.organizations.push({ id: 'initech' });
      for (const source of configuration.sources) source.organizations.push('initech');
      return { ...configuration, quarantineKey: { env: 'OTHER_KEY' } };
    });
    expect((await replay(after.id)).body).toMatchObject({ outcome: 'replayed' });
  });

  it('is open again when it was ignored, and stays closed when it was taken in', async () => {
    const [toIgnore, toTakeIn] = [{ id: nextId(), event: { ...completed(now()), type: 'course.opened' } }, { id: nextId(), event: foreign() }];
    for (const { id, event } of [toIgnore, toTakeIn]) await send(ingest, event, { id });
    await ingest.configure((configuration) => {
      configuration.organizations.push({ id: 'initech' });
      for (const source of configuration.sources) source.organizations.push('initech');
      (configuration.sources[0] as { ignoreTypes?: string[] }).ignoreTypes!.push('course.opened');
    });
    expect(await replayAll({ dryRun: false })).toMatchObject({ outcomes: { ignored: 1, replayed: 1 } });
    await ingest.configure((same) => same);
    for (const { id, event } of [toIgnore, toTakeIn]) expect(await send(ingest, event, { id })).toMatchObject({ status: 422 });
    expect((await list()).items).toMatchObject([{ webhookId: toIgnore.id, state: 'open', times: 2, closedAt: null }]);
    expect((await list('?state=replayed')).items).toMatchObject([{ webhookId: toTakeIn.id, times: 2 }]);
  });

  it('does not block its correction, which supersedes it', async () => {
    const id = nextId();
    await send(ingest, foreign(), { id });
    expect(await send(ingest, completed(now()), { id })).toMatchObject({ status: 202, body: { duplicate: false } });
    const { items } = await list();
    await allowInitech();
    expect((await replay(items[0]!.id)).body).toMatchObject({ outcome: 'superseded' });
    expect(await show(items[0]!.id)).toMatchObject({ state: 'superseded' });
    expect(await ingest.sql(`SELECT FROM outbox WHERE body LIKE '%u-foreign%'`)).toHaveLength(0);
  });
});

describe('a replay', () => {
  it('takes in after a fix, once, and ends the alert', async () => {
    const id = nextId();
    const event = foreign();
    await send(ingest, event, { id });
    const entry = (await list()).items[0]!;
    expect(await replay(entry.id)).toMatchObject({ status: 422, body: { code: 'still-invalid', errors: [{ pointer: '/data/organizationId' }] } });

    await allowInitech();
    ingest.clock.shift(3_600_000);
    expect(await replay(entry.id)).toMatchObject({ status: 200, body: { outcome: 'replayed' } });
    expect(await replay(entry.id)).toMatchObject({ status: 409, body: { code: 'closed-before' } });
    expect(await show(entry.id)).toMatchObject({ state: 'replayed' });
    const rows = await ingest.sql<{ body: string }>(`SELECT body FROM outbox WHERE body LIKE '%u-foreign%'`);
    expect(rows).toHaveLength(1);
    expect((JSON.parse(rows[0]!.body) as { data: object }).data).toMatchObject({ webhookId: id, organizationId: 'initech' });
    expect(await send(ingest, event, { id })).toMatchObject({ status: 202, body: { duplicate: true } });
    expect(await ingest.alerts()).toMatchObject([{ state: 'firing' }, { kind: 'webhook-invalid', state: 'resolved', labels: { source: 'platform' } }]);
  });

  it('of many at once stores each once', async () => {
    await send(ingest, foreign());
    const entry = (await list()).items[0]!;
    await allowInitech();
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => replay(entry.id)));
    expect(outcomes.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409, 409, 409, 409]);
    expect(await ingest.sql(`SELECT FROM outbox WHERE body LIKE '%u-foreign%'`)).toHaveLength(1);
  });

  it('by filter says first what it would do', async () => {
    for (let count = 0; count < 5; count += 1) await send(ingest, foreign());
    await send(ingest, completed(now(), { score: -1 }));
    await send(ingest, '{"type":');
    await send(ingest, { ...foreign(), type: 'ping2' });
    await allowInitech();
    expect(await replayAll({ dryRun: true })).toEqual({ matching: 8, outcomes: { replayed: 5, 'still-invalid': 3 }, next: null });
    expect(await replayAll({})).toMatchObject({ matching: 8 });
    expect((await list()).items).toHaveLength(8);
    expect(await replayAll({ dryRun: false, reason: 'organization', limit: 3 })).toMatchObject({ matching: 5, outcomes: { replayed: 3 }, next: expect.any(String) });
    expect(await replayAll({ dryRun: false, source: 'platform' })).toEqual({ matching: 5, outcomes: { replayed: 2, 'still-invalid': 3 }, next: null });
    expect(await replayAll({ dryRun: true, source: 'hmac' })).toEqual({ matching: 0, outcomes: {}, next: null });
  });

  it('goes on where the call before ended', async () => {
    for (let count = 0; count < 5; count += 1) await send(ingest, completed(now(), { score: -1 }));
    const seen: unknown[] = [];
    let after: unknown;
    do {
      const page = await replayAll({ dryRun: true, limit: 2, ...(after !== undefined && { after }) });
      seen.push(page['outcomes']);
      after = page['next'];
    } while (after !== null);
    expect(seen).toEqual([{ 'still-invalid': 2 }, { 'still-invalid': 2 }, { 'still-invalid': 1 }]);
    const first = await list('?limit=3');
    expect(first.items).toHaveLength(3);
    expect((await list(`?limit=3&after=${first.next}`)).items).toHaveLength(2);
  });

  it('closes what is to be ignored now, and leaves what it cannot open', async () => {
    await send(ingest, { ...completed(now()), type: 'course.opened' });
    const ignored = (await list()).items[0]!;
    await ingest.configure((configuration) => void (configuration.sources[0] as { ignoreTypes?: string[] }).ignoreTypes!.push('course.opened'));
    expect((await replay(ignored.id)).body).toMatchObject({ outcome: 'ignored' });

    await send(ingest, foreign());
    const entry = (await list()).items[0]!;
    await ingest.configure((configuration) => ({ ...configuration, quarantineKey: { env: 'OTHER_KEY' } }));
    expect(await replay(entry.id)).toMatchObject({ status: 409, body: { code: 'undecryptable' } });
    await ingest.configure((configuration) => ({ ...configuration, sources: configuration.sources.slice(1) }));
    expect(await replay(entry.id)).toMatchObject({ status: 409, body: { code: 'source-unknown' } });
    expect(await show(entry.id)).toMatchObject({ state: 'open' });
  });

  it('takes in by its hash, once, what came without the header of its id', async () => {
    const body = JSON.stringify({ ...completed(now(), { learnerId: 'u-without-id' }), note: 'an id is in no header' });
    const bearer = { authorization: 'Bearer a-long-enough-password' };
    expect(await post(`${ingest.url}/v1/webhooks/bearer`, body, bearer)).toMatchObject({ status: 422 });
    const entry = (await list()).items[0]!;
    expect((await replay(entry.id)).body).toMatchObject({ outcome: 'replayed' });
    expect(await ingest.sql(`SELECT FROM accepted_webhook WHERE source = 'bearer' AND webhook_id = $1`, [entry.webhookId])).toHaveLength(1);
    expect(await ingest.sql(`SELECT FROM outbox WHERE body LIKE '%u-without-id%'`)).toHaveLength(1);
  });

  it('finds an id where it stands today, and makes none up', async () => {
    const pointTo = (pointer: string) =>
      ingest.configure((configuration) => ({
        ...configuration,
        sources: configuration.sources.map((source) => (source.id === 'bearer' ? { ...source, eventId: { pointer } } : source)),
      }));
    await pointTo('/id');
    const body = JSON.stringify({ ...completed(now()), number: 4711 });
    await post(`${ingest.url}/v1/webhooks/bearer`, body, { authorization: 'Bearer a-long-enough-password' });
    const entry = (await list()).items[0]!;
    expect(entry).toMatchObject({ reason: 'event-id', webhookId: expect.stringMatching(/^sha256-/) });
    expect(await replay(entry.id)).toMatchObject({ status: 422, body: { code: 'still-invalid' } });
    await pointTo('/number');
    expect((await replay(entry.id)).body).toMatchObject({ outcome: 'replayed' });
    expect(await ingest.sql(`SELECT FROM accepted_webhook WHERE source = 'bearer' AND webhook_id = '4711'`)).toHaveLength(1);
  });

  it('of nothing is 404, and what is no id is 400', async () => {
    expect(await replay('00000000-0000-4000-8000-000000000000')).toMatchObject({ status: 404 });
    expect(await replay('nothing')).toMatchObject({ status: 400 });
    expect(await operate(ingest, 'POST', '/v1/quarantine/replay', { dryrun: true })).toMatchObject({ status: 422 });
  });
});

describe('a wrong new configuration', () => {
  it('is refused, told, and over when a right one comes', async () => {
    expect(await ingest.configure((configuration) => ({ ...configuration, quarantineKey: { env: 'MISSING' } }))).toBe(false);
    expect(await send(ingest, completed(now()))).toMatchObject({ status: 202 });
    expect(await ingest.alerts()).toMatchObject([{ kind: 'configuration-refused', state: 'firing', detail: expect.stringContaining('/quarantineKey') }]);
    expect(await ingest.configure((same) => same)).toBe(true);
    expect((await ingest.alerts()).at(-1)).toMatchObject({ kind: 'configuration-refused', state: 'resolved' });
  });
});
