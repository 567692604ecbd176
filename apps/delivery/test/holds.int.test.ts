// 429, 503, 410 and other refusals: who is held, for how long, and who pays.
import { waitFor } from '@schoolbell/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createWorld, type World } from './world.ts';

const OK = { kind: 'status', status: 200 } as const;

let world: World;
beforeAll(async () => {
  world = await createWorld({ destination: { concurrency: 4 } });
});
afterAll(() => world?.close());
beforeEach(() => {
  world.receiver.clear();
  world.receiver.behave(OK);
});

describe.each([429, 503])('an answer %d with Retry-After', (status) => {
  it('holds the whole destination as long as it says, and spends nobody’s budget', async () => {
    const { receiver, results, inspector } = world;
    const holdSeconds = 3;
    receiver.behave((_request, index) => (index === 0 ? { kind: 'status', status, headers: { 'retry-after': String(holdSeconds) } } : OK));
    await results.summary(`u-first-${status}`, 1);
    await waitFor('it is held', async () => (await inspector.sql('SELECT FROM destination WHERE hold_until > clock_timestamp()')).length === 1);
    const heldAtMs = performance.now();
    expect(await inspector.wanted(`u-first-${status}`)).toMatchObject({ last_failure: `answered ${status}`, attempts: 0, waited_ms: '0', lease_until: null });
    await results.summaries(Array.from({ length: 10 }, (_, n) => [`u-${status}-${n}`, 1] as const));
    await waitFor('all is taken in', async () => (await results.unconfirmed()) === 0);
    await waitFor('the hold is over', () => receiver.requests.length > 1);
    expect(performance.now() - heldAtMs).toBeGreaterThan((holdSeconds - 0.7) * 1_000);
    await world.settled();
    expect(receiver.requests).toHaveLength(12);
    expect((await inspector.destination()).circuit).toBe('closed');
  });
});

describe('an answer 429 without Retry-After', () => {
  it('holds by our own steps', async () => {
    const { receiver, results, inspector } = world;
    receiver.behave((_request, index) => (index === 0 ? { kind: 'status', status: 429 } : OK));
    await results.summary('u-short', 1);
    await world.settled();
    expect(receiver.requests).toHaveLength(2);
    const [row] = await inspector.sql<{ throttles: number }>('SELECT throttles FROM destination');
    expect(row).toEqual({ throttles: 0 });
  });
});

describe('another 4xx', () => {
  it('is that learner’s affair: others go on, the circuit stays closed, a newer revision goes at once', async () => {
    const { receiver, results, inspector } = world;
    receiver.behave(({ summary }) => (summary?.learnerId === 'u-refused' && summary.revision === 1 ? { kind: 'status', status: 422, body: 'no such learner' } : OK));
    await results.summary('u-refused', 1);
    const refused = await waitFor('it was refused', async () => {
      const row = await inspector.wanted('u-refused');
      return row !== undefined && row.attempts > 0 ? row : undefined;
    });
    expect(refused).toMatchObject({ last_failure: 'answered 422', sent_revision: '0', parked_at: null });
    await results.summaries(Array.from({ length: 30 }, (_, n) => [`u-fine-${n}`, 1] as const));
    await waitFor('the others arrive', () => receiver.newest('u-fine-29') !== undefined && receiver.requests.length >= 31);
    expect((await inspector.destination()).circuit).toBe('closed');
    await inspector.sql(`UPDATE wanted SET due_at = now() + interval '1 hour' WHERE key = 'u-refused'`);
    await results.summary('u-refused', 2);
    await waitFor('the newer one arrives', () => receiver.newest('u-refused')?.revision === 2);
    await world.settled();
  });

  it('is tried again after about 2 seconds, with the same id and the same bytes and a new signature', async () => {
    const { receiver, results } = world;
    receiver.behave((_request, index) => (index === 0 ? { kind: 'status', status: 404 } : OK));
    await results.summary('u-retry', 1);
    await world.settled();
    const [first, second] = receiver.requests;
    expect(receiver.requests).toHaveLength(2);
    expect(second!.webhookId).toBe(first!.webhookId);
    expect(second!.body.equals(first!.body)).toBe(true);
    expect(second!.headers['webhook-timestamp']).not.toBe(first!.headers['webhook-timestamp']);
    expect(second!.signed).toBe(true);
  });

  it('is never tried again before its Retry-After, not even with a newer revision', async () => {
    const { receiver, results, inspector } = world;
    receiver.behave((_request, index) => (index === 0 ? { kind: 'status', status: 409, headers: { 'retry-after': '3' } } : OK));
    await results.summary('u-later', 1);
    await waitFor('it was refused', async () => (await inspector.wanted('u-later'))?.not_before != null);
    const refusedAtMs = performance.now();
    await results.summary('u-later', 2);
    await world.settled();
    expect(performance.now() - refusedAtMs).toBeGreaterThan(2_300);
    expect(receiver.requests.map(({ summary }) => summary?.revision)).toEqual([1, 2]);
  });
});

describe('the end of the budget', () => {
  it('parks, tells it, lists it; a newer revision wakes it', async () => {
    const { receiver, results, inspector, delivery } = world;
    receiver.behave(({ summary }) => ({ kind: 'status', status: summary?.learnerId === 'u-park' ? 400 : 200 }));
    await results.summary('u-park', 1);
    await waitFor('it was refused', async () => ((await inspector.wanted('u-park'))?.attempts ?? 0) > 0);
    // As if three days of retries lay behind it.
    await inspector.sql("UPDATE wanted SET waited_ms = 72 * 3600000 - 1000, due_at = now() WHERE key = 'u-park'");
    await waitFor('it is parked', async () => (await inspector.wanted('u-park'))?.parked_at != null);
    expect(await inspector.alerts()).toContain('firing summary-parked:acme-lms');
    expect(await inspector.events('delivery.summary.parked.v1')).toMatchObject([{ subjectKey: 'u-park', revision: 1, reason: 'answered 400' }]);
    const { body } = await delivery.operate('GET', '/v1/undelivered?state=parked');
    expect(body['items']).toMatchObject([{ key: 'u-park', state: 'parked', wantedRevision: 1, sentRevision: 0, lastFailure: 'answered 400' }]);

    receiver.behave(OK);
    await results.summary('u-park', 2);
    await world.settled();
    expect(receiver.newest('u-park')?.revision).toBe(2);
  });
});

describe('an answer 410', () => {
  it('disables the destination until somebody resumes it', async () => {
    const { receiver, results, inspector, delivery } = world;
    receiver.behave({ kind: 'status', status: 410 });
    await results.summary('u-gone', 1);
    await waitFor('it is disabled', async () => (await inspector.destination()).state === 'disabled');
    expect(await inspector.alerts()).toContain('firing destination-disabled:acme-lms');
    receiver.behave(OK);
    const before = receiver.requests.length;
    await results.summary('u-gone', 2);
    await results.summary('u-more', 1);
    await waitFor('all is taken in', async () => (await results.unconfirmed()) === 0);
    await waitFor('the sweeper has looked', async () => (await delivery.metricsText()).includes('delivery_in_flight'));
    expect(receiver.requests).toHaveLength(before);

    const resumed = await delivery.operate('POST', '/v1/destinations/acme-lms/resume', { reason: 'the address is right again' });
    expect(resumed).toMatchObject({ status: 200, body: { state: 'active', stateReason: 'the address is right again' } });
    await world.settled();
    expect(receiver.newest('u-gone')?.revision).toBe(2);
    expect(receiver.newest('u-more')?.revision).toBe(1);
    expect(await inspector.alerts()).toContain('resolved destination-disabled:acme-lms');
    expect((await inspector.events('delivery.destination.changed.v1')).map(({ state }) => state)).toEqual(['disabled', 'active']);
  });
});
