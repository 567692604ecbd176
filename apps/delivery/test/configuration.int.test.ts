// What an operator configures, and what a reload changes without a restart.
import { parseSecret, verify } from '@schoolbell/standard-webhooks';
import { startReceiver, testConfiguration, waitFor, type Receiver, type TestConfigurationOptions } from '@schoolbell/testing';
import { systemClock } from '@schoolbell/time';
import type { ConfigurationFile } from '@schoolbell/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { summaryBody } from './delivery.ts';
import { createWorld, type World } from './world.ts';

let world: World;
let second: Receiver;
beforeAll(async () => {
  [world, second] = await Promise.all([createWorld(), startReceiver()]);
});
afterAll(async () => {
  await world?.close();
  await second?.stop();
});
beforeEach(() => {
  world.receiver.clear();
  second.clear();
});

const file = (destination: TestConfigurationOptions['destination'] = {}): ConfigurationFile =>
  testConfiguration({ receiverUrl: world.receiver.url, destination }).file;
const withSecond = (more: Partial<ConfigurationFile['destinations'][number]> = {}): ConfigurationFile => {
  const base = file();
  return { ...base, destinations: [...base.destinations, { ...base.destinations[0]!, id: 'board', url: second.url, ...more }] };
};

describe('a destination', () => {
  it('that is added gets what is told from then on, beside the others', async () => {
    expect(await world.delivery.configure(withSecond())).toBe(true);
    await world.results.summary('u-added', 1);
    await world.settled();
    expect(world.receiver.newest('u-added')?.revision).toBe(1);
    expect(second.newest('u-added')?.revision).toBe(1);
  });

  it('that is removed keeps its rows, and nothing is sent to it', async () => {
    await world.delivery.configure(file());
    await world.results.summary('u-removed', 1);
    await world.settled();
    expect(second.requests).toEqual([]);
    const { body } = await world.delivery.operate('GET', '/v1/destinations/board');
    expect(body).toMatchObject({ id: 'board', configured: false, url: null });
    expect((await world.delivery.operate('POST', '/v1/destinations/board/pause', {})).status).toBe(404);
  });

  it('that now belongs to another organization forgets what was wanted for the first', async () => {
    const moved = withSecond({ organizationId: 'globex' });
    expect(await world.delivery.configure({ ...moved, organizations: [...moved.organizations, { ...moved.organizations[0]!, id: 'globex' }] })).toBe(true);
    await waitFor('it is moved', async () => (await world.inspector.sql("SELECT FROM wanted WHERE destination_id = 'board'")).length === 0);
    await world.results.summary('u-of-globex', 1, 'globex');
    await waitFor('it arrives there', () => second.requests.length === 1);
    await world.settled();
    expect(world.receiver.requests).toEqual([]);
  });

  it('gets its own headers, each by secret', async () => {
    await world.delivery.configure(file({ headers: { 'x-api-key': { env: 'TEST_TOKEN' } } }));
    await world.results.summary('u-headers', 1);
    await world.settled();
    expect(world.receiver.requests[0]!.headers['x-api-key']).toMatch(/^token-of-the-tests/);
  });

  it('with two secrets gets two signatures, so that its receiver can rotate', async () => {
    await world.delivery.configure(file({ secrets: [{ env: 'TEST_DESTINATION_SECRET' }, { env: 'TEST_WEBHOOK_SECRET' }] }));
    await world.results.summary('u-rotation', 1);
    await world.settled();
    const { headers, body } = world.receiver.requests[0]!;
    const { env } = testConfiguration();
    for (const name of ['TEST_DESTINATION_SECRET', 'TEST_WEBHOOK_SECRET']) {
      const message = { id: String(headers['webhook-id']), timestamp: String(headers['webhook-timestamp']), signature: String(headers['webhook-signature']), body };
      expect(verify([parseSecret(env[name]!)], message, systemClock.now())).toBe('verified');
    }
  });
});

describe('a transform', () => {
  it('shapes what is sent, and is part of the identity of a message', async () => {
    await world.delivery.configure(file());
    await world.results.summary('u-shape', 5);
    await world.settled();
    const plain = world.receiver.requests[0]!;
    expect(plain.body.toString()).toBe(summaryBody('u-shape', 5));

    await world.delivery.configure(file({ transform: '{"user": data.learnerId, "points": data.totals.score}' }));
    await world.delivery.operate('POST', '/v1/destinations/acme-lms/retry', { learnerId: 'u-shape' });
    await waitFor('it is sent again', () => world.receiver.requests.length === 2);
    await world.settled();
    expect(JSON.parse(world.receiver.requests[1]!.body.toString())).toEqual({ user: 'u-shape', points: 5 });
    expect(world.receiver.requests[1]!.webhookId).not.toBe(plain.webhookId);
  });

  it('that fails on a message parks it and says so; the others go on', async () => {
    await world.delivery.configure(file({ transform: '{"n": $number($substringAfter(data.learnerId, "u-"))}' }));
    await world.results.summary('u-12', 1);
    await world.results.summary('u-letters', 1);
    await waitFor('one is parked', async () => (await world.inspector.wanted('u-letters'))?.parked_at != null);
    await waitFor('the other arrives', () => world.receiver.requests.length === 1);
    expect(world.receiver.requests[0]!.body.toString()).toBe('{"n":12}');
    expect((await world.inspector.wanted('u-letters'))!.last_failure).toMatch(/^transform-failed/);
    expect(await world.inspector.alerts()).toContain('firing summary-parked:acme-lms');
    expect((await world.inspector.destination()).circuit).toBe('closed');

    await world.delivery.configure(file());
    await world.delivery.operate('POST', '/v1/destinations/acme-lms/replay', { filter: { state: 'parked' }, dryRun: false });
    await world.settled();
    expect(world.receiver.newest('u-letters')?.revision).toBe(1);
  });
});

describe('a wrong configuration', () => {
  it('is refused whole, told, and the old one stays in force', async () => {
    expect(await world.delivery.configure(file({ transform: '$now(' }))).toBe(false);
    expect(await world.delivery.configure(file({ headers: { 'Webhook-Id': { env: 'TEST_TOKEN' } } }))).toBe(false);
    expect(await world.delivery.configure(file({ secrets: [{ env: 'TEST_TOKEN' }] }))).toBe(false);
    await world.results.summary('u-still', 1);
    await world.settled();
    expect(world.receiver.newest('u-still')?.revision).toBe(1);
    await waitFor('it is told', async () => (await world.inspector.alerts()).some((alert) => alert === 'firing configuration-refused:delivery'));
    expect(await world.delivery.configure(file())).toBe(true);
    await waitFor('its end is told', async () => (await world.inspector.alerts()).at(-1) === 'resolved configuration-refused:delivery');
  });
});
