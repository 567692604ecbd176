// The operating endpoints: what they show, what they do, who may.
import { serve } from '@schoolbell/messaging';
import { connectNats, type Nats } from '@schoolbell/messaging';
import { createLogger } from '@schoolbell/service-kit';
import { resultsSummariesRepublish } from '@schoolbell/contracts';
import { testConfiguration, waitFor } from '@schoolbell/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { READER, summaryBody, TEST_DESTINATION } from './delivery.ts';
import { createWorld, type World } from './world.ts';

const OK = { kind: 'status', status: 200, body: 'thanks' } as const;
const at = `/v1/destinations/${TEST_DESTINATION}`;

let world: World;
const get = (path: string, token?: string) => world.delivery.operate('GET', path, undefined, token);
const post = (path: string, body?: unknown, token?: string) => world.delivery.operate('POST', path, body, token);

beforeAll(async () => {
  world = await createWorld({ destination: { startPaused: true } });
});
afterAll(() => world?.close());
beforeEach(() => {
  world.receiver.clear();
  world.receiver.behave(OK);
});

describe('a cutover', () => {
  it('starts paused: what comes in waits, and is no reason for an alarm', async () => {
    await world.results.summaries(Array.from({ length: 5 }, (_, n) => [`u-${n}`, n + 1] as const));
    await waitFor('all is taken in', async () => (await world.inspector.undelivered()) === 5);
    const { status, body } = await get(at);
    expect(status).toBe(200);
    expect(body).toMatchObject({ id: TEST_DESTINATION, organizationId: 'acme', configured: true, state: 'paused', circuit: 'closed', waiting: { due: 5, inFlight: 0, parked: 0 } });
    expect(body['stateReason']).toContain('cutover');
    expect(world.receiver.requests).toEqual([]);
  });

  it('shows page by page what would be sent', async () => {
    const first = await get(`${at}/preview?limit=3`);
    expect(first.body['items']).toMatchObject([0, 1, 2].map((n) => ({ learnerId: `u-${n}`, revision: n + 1, sentRevision: 0, body: summaryBody(`u-${n}`, n + 1), problem: null })));
    const second = await get(`${at}/preview?limit=3&after=${first.body['next'] as string}`);
    expect(second.body).toMatchObject({ items: [{ learnerId: 'u-3' }, { learnerId: 'u-4' }], next: null });
  });

  it('compares it with what the client has', async () => {
    const learners = [
      { learnerId: 'u-0', expected: { data: { totals: { score: 1 } } } },
      { learnerId: 'u-1', expected: { data: { totals: { score: 99 } } } },
      { learnerId: 'u-new', expected: {} },
    ];
    const { status, body } = await post(`${at}/compare`, { learners });
    expect(status).toBe(200);
    expect(body).toEqual({
      equal: 1,
      different: 1,
      missing: 1,
      notCompared: 0,
      items: [
        { learnerId: 'u-1', verdict: 'different', revision: 2, differences: [{ pointer: '/data/totals/score', expected: 99, actual: 2 }] },
        { learnerId: 'u-new', verdict: 'missing', revision: null, differences: [] },
      ],
    });
  });

  it('stops at a learner on whom the transform does not end', async () => {
    const configured = (transform?: string) => testConfiguration({ receiverUrl: world.receiver.url, destination: { startPaused: true, ...(transform && { transform }) } }).file;
    await world.delivery.configure(configured('data.learnerId = "u-2" ? ($f := function($x) { $f($x) }; $f(1)) : $'));
    const { body } = await get(`${at}/preview`);
    expect(body).toMatchObject({ items: [{ learnerId: 'u-0', problem: null }, { learnerId: 'u-1', problem: null }, { learnerId: 'u-2', body: null }], next: 'u-2', stopped: true });
    expect((body['items'] as { problem: string }[])[2]!.problem).toMatch(/^transform-timeout/);
    expect((await get(`${at}/preview?after=u-2`)).body).toMatchObject({ items: [{ learnerId: 'u-3' }, { learnerId: 'u-4' }], next: null, stopped: false });
    const learners = ['u-0', 'u-2', 'u-3', 'u-new'].map((learnerId) => ({ learnerId, expected: {} }));
    const compared = await post(`${at}/compare`, { learners });
    expect(compared.body).toMatchObject({
      equal: 1,
      different: 1,
      missing: 1,
      notCompared: 1,
      items: [{ learnerId: 'u-2', verdict: 'transform-failed' }, { learnerId: 'u-3', verdict: 'not-compared' }, { learnerId: 'u-new', verdict: 'missing' }],
    });
    await world.delivery.configure(configured());
  });

  it('can be tried with a signed sample before it begins', async () => {
    const { status, body } = await post(`${at}/test-send`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ outcome: 'success', status: 200, answer: 'thanks' });
    const [request] = world.receiver.requests;
    expect(request).toMatchObject({ signed: true, summary: { learnerId: 'schoolbell-test' } });
    expect(request!.headers['schoolbell-test']).toBe('true');
    world.receiver.behave({ kind: 'status', status: 403, body: 'wrong key' });
    expect((await post(`${at}/test-send`)).body).toMatchObject({ outcome: 'client-error', status: 403, answer: 'wrong key' });
    expect((await get(at)).body).toMatchObject({ state: 'paused', circuit: 'closed' });
  });

  it('ends when somebody resumes', async () => {
    const { status, body } = await post(`${at}/resume`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ state: 'active', stateReason: 'resumed by tests' });
    await world.settled();
    expect(world.receiver.requests).toHaveLength(5);
  });
});

describe('pause and resume', () => {
  it('keep what comes in between', async () => {
    expect((await post(`${at}/pause`, { reason: 'the client moves house' })).body).toMatchObject({ state: 'paused', stateReason: 'the client moves house' });
    await world.results.summary('u-paused', 1);
    await waitFor('it is taken in', async () => (await world.inspector.wanted('u-paused')) !== undefined);
    expect(world.receiver.requests).toEqual([]);
    expect((await get('/v1/undelivered')).body['items']).toMatchObject([{ key: 'u-paused', state: 'due' }]);
    await post(`${at}/resume`, {});
    await world.settled();
    expect(world.receiver.newest('u-paused')?.revision).toBe(1);
    const states = (await world.inspector.events('delivery.destination.changed.v1')).map(({ state, reason }) => `${state}: ${reason}`);
    expect(states).toEqual(['active: resumed by tests', 'paused: the client moves house', 'active: resumed by tests']);
  });
});

describe('the undelivered list', () => {
  it('has pages, filters, and nothing that is delivered', async () => {
    await post(`${at}/pause`);
    await world.results.summaries(Array.from({ length: 7 }, (_, n) => [`l-${n}`, 1] as const));
    await waitFor('all is taken in', async () => (await world.inspector.undelivered()) === 7);
    const keys: string[] = [];
    let next: unknown = '';
    while (next !== null) {
      const { body } = await get(`/v1/undelivered?limit=3${next === '' ? '' : `&after=${next as string}`}`);
      keys.push(...(body['items'] as { key: string }[]).map(({ key }) => key));
      next = body['next'];
    }
    expect(keys).toEqual(['l-0', 'l-1', 'l-2', 'l-3', 'l-4', 'l-5', 'l-6']);
    expect((await get('/v1/undelivered?learner=l-3')).body['items']).toHaveLength(1);
    expect((await get('/v1/undelivered?state=parked')).body['items']).toEqual([]);
    expect((await get('/v1/undelivered?destination=other')).body['items']).toEqual([]);
    expect((await get('/v1/undelivered?after=junk')).body).toMatchObject({ code: 'cursor-invalid' });
    expect((await get(`${at}/learners/l-3`)).body).toMatchObject({ wantedRevision: 1, confirmedRevision: 0, upToDate: false, state: 'due', confirmedAt: null });
    await post(`${at}/resume`);
    await world.settled();
    expect((await get('/v1/undelivered')).body).toEqual({ items: [], next: null });
  });
});

describe('the proof for one learner', () => {
  it('names the revision that the destination has confirmed', async () => {
    await world.results.summary('u-proof', 4);
    await world.settled();
    const { body } = await get(`${at}/learners/u-proof`);
    expect(body).toMatchObject({ wantedRevision: 4, confirmedRevision: 4, upToDate: true, state: 'delivered' });
    expect(body['webhookId']).toBe(world.receiver.requests.at(-1)!.webhookId);
    expect((await get(`${at}/learners/nobody`)).body).toMatchObject({ status: 404, code: 'learner-unknown' });
  });
});

describe('retry and replay', () => {
  it('send one learner again under a new id, also when it was delivered', async () => {
    await world.results.summary('u-one', 2);
    await world.settled();
    const first = world.receiver.requests.at(-1)!;
    const { status, body } = await post(`${at}/retry`, { learnerId: 'u-one' });
    expect(status).toBe(202);
    expect(body).toMatchObject({ revision: 2 });
    await world.settled();
    const again = world.receiver.requests.at(-1)!;
    expect(world.receiver.requests).toHaveLength(2);
    expect(again.webhookId).not.toBe(first.webhookId);
    expect(again.body.equals(first.body)).toBe(true);
    expect((await post(`${at}/retry`, { learnerId: 'nobody' })).body).toMatchObject({ status: 404, code: 'row-unknown' });
    expect((await post(`${at}/retry`, {})).status).toBe(422);
  });

  it('count first, then send everything that the filter meets, each once', async () => {
    const [total] = await world.inspector.sql<{ count: number }>('SELECT count(*)::int AS count FROM wanted');
    const filter = { state: 'delivered' };
    expect((await post(`${at}/replay`, { filter })).body).toEqual({ dryRun: true, matched: total!.count });
    expect(world.receiver.requests).toEqual([]);
    const { status, body } = await post(`${at}/replay`, { filter, dryRun: false });
    expect(status).toBe(202);
    expect(body).toMatchObject({ dryRun: false, matched: total!.count });
    const done = await waitFor('the replay is done', async () => {
      const [replay] = (await get('/v1/replays')).body['items'] as { id: string; state: string; released: number; requestedBy: string }[];
      return replay?.state === 'done' ? replay : undefined;
    });
    expect(done).toMatchObject({ id: body['replayId'], released: total!.count, requestedBy: 'tests' });
    await world.settled();
    expect(world.receiver.requests).toHaveLength(total!.count);
    expect(new Set(world.receiver.requests.map(({ webhookId }) => webhookId)).size).toBe(total!.count);
  });

  it('can be narrowed to learners and times', async () => {
    const count = async (filter: object) => (await post(`${at}/replay`, { filter })).body['matched'];
    expect(await count({ state: 'all', learnerIds: ['u-one', 'u-proof', 'nobody'] })).toBe(2);
    expect(await count({ state: 'all', sentBefore: '2020-01-01T00:00:00Z' })).toBe(0);
    expect(await count({ state: 'all', kind: 'rating' })).toBe(0);
    expect(await count({ state: 'parked' })).toBe(0);
    expect((await post(`${at}/replay`, { filter: {} })).status).toBe(422);
  });

  it('has no cap: portions follow each other through all rows', async () => {
    const rows = 2_500;
    await world.inspector.sql(
      `INSERT INTO wanted (destination_id, kind, key, wanted_revision, sent_revision, wanted_since, sent_at, body)
       SELECT $1, 'summary', 'many-' || n, 1, 1, now(), now(), '{}' FROM generate_series(1, ${rows}) AS n`,
      [TEST_DESTINATION],
    );
    const learners = Array.from({ length: rows }, (_, n) => `many-${n + 1}`);
    expect((await post(`${at}/replay`, { filter: { state: 'all', learnerIds: learners } })).status).toBe(422);
    await post(`${at}/replay`, { filter: { state: 'delivered', sentFrom: '2020-01-01T00:00:00Z' }, dryRun: false });
    await waitFor('all of them arrive', async () => (await world.inspector.sql("SELECT FROM wanted WHERE key LIKE 'many-%' AND replay_id IS NULL")).length === 0);
    await world.settled();
    expect(world.receiver.requests.length).toBeGreaterThanOrEqual(rows);
  });
});

describe('attempts', () => {
  it('are listed newest first, by learner and by outcome', async () => {
    const rows = await waitFor('the log is written', async () => {
      const { body } = await get('/v1/attempts?learner=u-one');
      const items = body['items'] as { revision: number; outcome: string; status: number; answer: string; webhookId: string }[];
      return items.length >= 2 ? items : undefined;
    });
    expect(rows[0]).toMatchObject({ revision: 2, outcome: 'success', status: 200, answer: 'thanks' });
    expect((await get('/v1/attempts?outcome=client-error')).body['items']).toMatchObject([{ kind: 'test', status: 403, answer: 'wrong key' }]);
    const page = (await get('/v1/attempts?limit=2')).body;
    const after = (await get(`/v1/attempts?limit=2&after=${page['next'] as string}`)).body;
    const ids = [...(page['items'] as { id: string }[]), ...(after['items'] as { id: string }[])].map(({ id }) => Number(id));
    expect(ids).toEqual([...ids].sort((a, b) => b - a));
    expect(new Set(ids).size).toBe(4);
  });
});

describe('send-all', () => {
  let nats: Nats | undefined;
  afterAll(() => nats?.close());

  it('says clearly when results does not answer', async () => {
    const { status, body } = await post(`${at}/send-all`, {});
    expect(status).toBe(503);
    expect(body).toMatchObject({ code: 'results-unavailable', detail: expect.stringContaining('results') });
  });

  it('asks results to count, or to tell again', async () => {
    const asked: unknown[] = [];
    const log = createLogger({ service: 'results', level: 'silent' });
    nats = connectNats({ url: world.natsUrl, name: 'results', log });
    serve({ nats, log }, resultsSummariesRepublish, async (payload) => {
      asked.push(payload);
      return { learners: 12 };
    });
    await waitFor('results answers', async () => (await post(`${at}/send-all`, {})).status === 200);
    expect((await post(`${at}/send-all`, { dryRun: false })).body).toEqual({ dryRun: false, learners: 12 });
    expect(asked.at(-1)).toEqual({ organizationId: 'acme', dryRun: false });
    expect(asked[0]).toEqual({ organizationId: 'acme', dryRun: true });
  });
});

describe('who may', () => {
  it('needs the scope that each endpoint names', async () => {
    for (const [method, path] of [['GET', '/v1/destinations'], ['GET', '/v1/undelivered'], ['GET', '/v1/attempts'], ['POST', `${at}/pause`], ['POST', `${at}/retry`]] as const) {
      expect((await world.delivery.operate(method, path, method === 'POST' ? {} : undefined, 'nonsense')).status, path).toBe(401);
    }
    expect((await get('/v1/destinations', READER)).status).toBe(200);
    for (const path of [`${at}/pause`, `${at}/resume`, `${at}/test-send`, `${at}/retry`, `${at}/replay`, `${at}/send-all`, `${at}/compare`]) {
      expect((await post(path, {}, READER)).body, path).toMatchObject({ status: 403, code: 'scope-missing' });
    }
    expect((await get(`${at}/preview`, READER)).status).toBe(403);
  });

  it('knows unknown destinations', async () => {
    expect((await get('/v1/destinations/nowhere')).body).toMatchObject({ status: 404, code: 'destination-unknown' });
    expect((await post('/v1/destinations/nowhere/pause', {})).body).toMatchObject({ status: 404, code: 'destination-unknown' });
  });
});
