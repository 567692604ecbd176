// What delivery answers to the notifier over NATS.
import { randomUUID } from 'node:crypto';
import { deadLettersReplayRequests, deadLettersRequests, deliveryActivity, deliveryControl, deliveryDestinations, deliveryLearner, deliveryReplay, deliveryUndelivered, statusRequests, type RequestDefinition } from '@schoolbell/contracts';
import { connectNats, request, type Nats } from '@schoolbell/messaging';
import { createLogger } from '@schoolbell/service-kit';
import { startPostgres, waitFor, type RunningPostgres } from '@schoolbell/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TEST_DESTINATION } from './delivery.ts';
import { createWorld, type World } from './world.ts';

const by = 'Anna (telegram 7)';
const letters = deadLettersRequests.delivery;
const letterReplay = deadLettersReplayRequests.delivery;
const status = statusRequests.delivery;

let postgres: RunningPostgres;
let world: World;
let asker: Nats;

beforeAll(async () => {
  postgres = await startPostgres();
  world = await createWorld({ makeDatabase: () => postgres.database('delivery') });
  asker = connectNats({ url: world.natsUrl, name: 'notifier', log: createLogger({ service: 'notifier', level: 'silent' }) });
  await waitFor('the asker is connected', () => asker.connected());
});
afterAll(async () => {
  await asker?.close();
  await world?.close();
  await postgres?.stop();
});

describe('delivery, asked over NATS', () => {
  it('pauses, shows what waits, and resumes', async () => {
    await waitFor('it knows its destination', async () => (await request(asker, deliveryDestinations, {})).items.length === 1);
    expect(await request(asker, deliveryControl, { destinationId: TEST_DESTINATION, action: 'pause', by })).toEqual({ changed: 1, total: 1 });
    await world.results.summaries([['u-1', 1], ['u-2', 1]]);
    await waitFor('both wait', async () => (await world.inspector.undelivered()) === 2);
    expect(await request(asker, deliveryDestinations, {})).toMatchObject({ total: 1, items: [{ id: TEST_DESTINATION, state: 'paused', stateReason: `paused by ${by}`, circuit: 'closed', due: 2 }] });
    expect(await request(asker, deliveryUndelivered, { limit: 1 })).toMatchObject({ total: 2, items: [{ key: 'u-1', state: 'due', sentRevision: 0 }] });
    expect(await request(asker, deliveryControl, { action: 'resume', by })).toEqual({ changed: 1, total: 1 });
    await world.settled();
    expect(await request(asker, deliveryLearner, { learnerId: 'u-1' })).toMatchObject({ items: [{ destinationId: TEST_DESTINATION, wantedRevision: 1, confirmedRevision: 1, state: 'delivered' }] });
    await waitFor('the attempts are counted', async () => (await request(asker, deliveryActivity, { since: '2020-01-01T00:00:00.000Z' })).delivered === 2);
  });

  it('replays once under one key', async () => {
    world.receiver.clear();
    const wish = { destinationId: TEST_DESTINATION, state: 'all' as const, by, key: randomUUID() };
    expect(await request(asker, deliveryReplay, { ...wish, dryRun: true })).toEqual({ matched: 2 });
    await request(asker, deliveryReplay, { ...wish, dryRun: false });
    await request(asker, deliveryReplay, { ...wish, dryRun: false });
    await waitFor('both are sent again', () => world.receiver.requests.length >= 2);
    await world.settled();
    expect((await world.delivery.operate('GET', '/v1/replays')).body['items']).toMatchObject([{ id: wish.key, requestedBy: by, matched: 2 }]);
    expect(world.receiver.requests).toHaveLength(2);
  });

  it('refuses what it does not know with a sentence, and says how it is', async () => {
    await expect(request(asker, deliveryControl, { destinationId: 'nowhere', action: 'pause', by })).rejects.toMatchObject({ code: 'refused', message: expect.stringContaining('no destination "nowhere"') });
    await waitFor('its database was asked', async () => (await request(asker, status, {})).status === 'ok');
    expect(await request(asker, status, {})).toMatchObject({ status: 'ok', deadLetters: 0, lags: expect.arrayContaining([{ name: 'delivery-summary', kind: 'consumer', waiting: 0 }]) });
    expect(await request(asker, letters, {})).toEqual({ total: 0, items: [] });
  });

  it('shows what it could not handle, and looks at it again', async () => {
    await world.results.raw('this is no event');
    await waitFor('it is parked', async () => (await request(asker, letters, {})).total === 1);
    expect(await request(asker, letters, { durable: 'delivery-summary' })).toMatchObject({ items: [{ durable: 'delivery-summary', code: 'not-json' }] });
    expect(await request(asker, letters, { durable: 'delivery-rating' })).toEqual({ total: 0, items: [] });
    expect(await request(asker, letterReplay, { dryRun: true, by })).toEqual({ matching: 1, replayed: 0, refused: 0, left: 1 });
    expect(await request(asker, letterReplay, { dryRun: false, by })).toEqual({ matching: 1, replayed: 0, refused: 1, left: 0 });
  });

  it.each([
    ['a destination that none can be', deliveryUndelivered, { destinationId: 'Acme LMS' }, 'destinationId'],
    ['a person for a learner', deliveryLearner, { learnerId: 'anna@example.com' }, 'learnerId'],
    ['an act that is none', deliveryControl, { action: 'delete', by }, 'action'],
    ['an act of nobody', deliveryControl, { action: 'pause', by: '' }, 'by'],
    ['a replay without a key', deliveryReplay, { destinationId: TEST_DESTINATION, state: 'all', dryRun: false, by }, 'key'],
    ['a time that is none', deliveryActivity, { since: 'yesterday' }, 'since'],
    ['a durable that no service can have', letters, { durable: 'a\u0000b' }, 'durable'],
  ] as const)('refuses %s, and says what is wrong', async (_name, definition, payload, field) => {
    await expect(request(asker, definition as RequestDefinition, payload)).rejects.toMatchObject({ code: 'refused', message: expect.stringMatching(new RegExp(`not valid[^]*${field}`)) });
  });

  it.each([
    ['list', deliveryUndelivered, { destinationId: 'nowhere' }],
    ['count', deliveryReplay, { destinationId: 'nowhere', state: 'all', dryRun: true, by, key: randomUUID() }],
  ] as const)('knows no destination to %s that is not in its configuration', async (_name, definition, payload) => {
    await expect(request(asker, definition as RequestDefinition, payload)).rejects.toMatchObject({ code: 'refused', message: expect.stringContaining('no destination "nowhere"') });
  });
});

describe('delivery without its database, asked', () => {
  beforeAll(async () => {
    await postgres.stop();
    await waitFor('delivery knows', async () => (await request(asker, status, {})).status === 'down');
  });
  afterAll(() => postgres.restart());

  it.each([
    ['for its destinations', deliveryDestinations, {}],
    ['what waits', deliveryUndelivered, {}],
    ['about a learner', deliveryLearner, { learnerId: 'u-1' }],
    ['to pause', deliveryControl, { destinationId: TEST_DESTINATION, action: 'pause', by }],
    ['to send again', deliveryReplay, { destinationId: TEST_DESTINATION, state: 'all', dryRun: false, by, key: randomUUID() }],
    ['for the digest', deliveryActivity, { since: '2020-01-01T00:00:00.000Z' }],
    ['for dead letters', letters, {}],
    ['to handle them again', letterReplay, { dryRun: false, by }],
  ] as const)('%s, says so', async (_name, definition, payload) => {
    await expect(request(asker, definition as RequestDefinition, payload)).rejects.toMatchObject({ code: 'unavailable', message: 'its database does not answer' });
  });

  it('how it is, says it without the numbers that stand in the database', async () => {
    expect(await request(asker, status, {})).toMatchObject({ status: 'down', deadLetters: null });
  });
});

describe('a question that nobody answers', () => {
  it('fails within its deadline', async () => {
    await expect(request(asker, statusRequests.results, {})).rejects.toMatchObject({ code: 'no-answer' });
  });
});
