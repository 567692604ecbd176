// The five of every consumer, and what a summary is on its way.
import { resultsSummaryStream } from '@schoolbell/contracts';
import { jetstreamManager } from '@nats-io/jetstream';
import { waitFor } from '@schoolbell/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { TEST_DESTINATION } from './delivery.ts';
import { createWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld({ organization: { rating: { everyMinutes: 5 } }, destination: { events: ['summary', 'rating'] } });
});
afterAll(() => world?.close());
afterEach(() => {
  expect(world.receiver.violations).toEqual([]);
  world.receiver.clear();
});

describe('happy', () => {
  it('a summary arrives signed, with its exact bytes and its revision, once', async () => {
    const { results, receiver, inspector } = world;
    await results.summary('u-happy', 1);
    await waitFor('it arrives', () => receiver.requests.length > 0);
    await world.settled();
    expect(receiver.requests).toHaveLength(1);
    const [request] = receiver.requests;
    expect(request).toMatchObject({ signed: true, summary: { learnerId: 'u-happy', revision: 1 } });
    expect(request!.headers).toMatchObject({ 'schoolbell-revision': '1', 'content-type': 'application/json' });
    expect(request!.webhookId).toMatch(/^msg_[\w-]{43}$/);
    expect(await inspector.wanted('u-happy')).toMatchObject({ wanted_revision: '1', sent_revision: '1', attempts: 0 });
  });

  it('a rating arrives where it is asked for, each course by itself', async () => {
    const { results, receiver, inspector } = world;
    await results.rating(1);
    await results.rating(4, 'c-1');
    await waitFor('both arrive', () => receiver.requests.length === 2);
    await world.settled();
    expect(receiver.requests.map(({ rating }) => `${rating?.courseId ?? 'all'} ${rating?.revision}`).sort()).toEqual(['all 1', 'c-1 4']);
    expect(await inspector.wanted('c-1')).toMatchObject({ kind: 'rating', sent_revision: '4' });
  });

  it('an organization without a destination is nobody’s', async () => {
    await world.results.summary('u-elsewhere', 1, 'globex');
    await world.settled();
    expect(await world.inspector.wanted('u-elsewhere')).toBeUndefined();
  });
});

describe('duplicate', () => {
  it('an event that comes twice, or a revision told again, is sent once', async () => {
    const { results, receiver } = world;
    await results.summary('u-twice', 3);
    await waitFor('it arrives', () => receiver.requests.length === 1);
    await results.summary('u-twice', 3);
    await results.summary('u-twice', 3);
    await world.settled();
    expect(receiver.requests).toHaveLength(1);
  });
});

describe('crash between effect and acknowledgement', () => {
  it('what is delivered to the consumer again has no effect again', async () => {
    const { results, receiver, inspector } = world;
    await results.summaries([['u-again-1', 1], ['u-again-2', 1], ['u-again-1', 2]]);
    await waitFor('both are sent', async () => (await inspector.wanted('u-again-1'))?.sent_revision === '2' && (await inspector.wanted('u-again-2'))?.sent_revision === '1');
    await world.settled();
    const sent = receiver.requests.length;
    // A durable that has lost its acknowledgements gets everything again.
    const manager = await jetstreamManager(results.connection);
    const { name, durables } = resultsSummaryStream;
    await manager.consumers.delete(name, durables[0]!.name);
    await waitFor('the durable is there again and has confirmed everything', async () => {
      const { num_pending, num_ack_pending, delivered } = await manager.consumers.info(name, durables[0]!.name);
      return num_pending === 0 && num_ack_pending === 0 && delivered.consumer_seq > 0;
    });
    await world.settled();
    expect(receiver.requests).toHaveLength(sent);
  });
});

describe('poison', () => {
  it('becomes a dead letter that an operator sees, and holds up nobody', async () => {
    const { results, receiver, inspector, delivery } = world;
    await results.raw('not json');
    await results.raw(JSON.stringify({ specversion: '1.0', id: 'odd', source: '/x', type: 'results.summary.updated.v9', time: '2026-11-21T05:30:00.000Z', data: {} }));
    await results.summary('u-nul\u0000', 1);
    await results.summary('u-after', 1);
    await waitFor('the good one arrives', () => receiver.newest('u-after') !== undefined);
    await world.settled();
    const { body } = await delivery.operate('GET', '/v1/dead-letters');
    const letters = body['items'] as { code: string }[];
    expect(letters.map(({ code }) => code).sort()).toEqual(['not-json', 'unknown-type', 'wrong-data']);
    expect(await inspector.alerts()).toContain('firing dead-letter:delivery-summary:unknown-type');
  });
});

describe('out of order', () => {
  it('an older revision that comes later is not wanted', async () => {
    const { results, receiver, inspector } = world;
    await results.summary('u-order', 9);
    await waitFor('it arrives', () => receiver.newest('u-order')?.revision === 9);
    await results.summary('u-order', 8);
    await world.settled();
    expect(receiver.requests.filter(({ summary }) => summary?.learnerId === 'u-order')).toHaveLength(1);
    expect(await inspector.wanted('u-order')).toMatchObject({ wanted_revision: '9', sent_revision: '9' });
  });

  it('of many revisions in any order the newest is what the destination has in the end, and none runs backwards', async () => {
    const { results, receiver } = world;
    const learners = Array.from({ length: 40 }, (_, n) => `u-mix-${n}`);
    const told = learners.flatMap((learner, l) => [5, 2, 7, 1, 6, 3, 4].map((revision, r) => [learner, ((revision + l + r) % 7) + 1] as const));
    await results.summaries(told);
    const newest = new Map<string, number>();
    for (const [learner, revision] of told) newest.set(learner, Math.max(revision, newest.get(learner) ?? 0));
    await world.settled();
    await waitFor('everybody has the newest', () => learners.every((learner) => receiver.newest(learner)?.revision === newest.get(learner)));
    const [row] = await world.inspector.sql<{ state: string }>('SELECT state FROM destination WHERE id = $1', [TEST_DESTINATION]);
    expect(row?.state).toBe('active');
  });
});
