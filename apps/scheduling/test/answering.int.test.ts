import { randomUUID } from 'node:crypto';
import { schedulingAnswer, schedulingStanding } from '@schoolbell/contracts';
import { connectNats, request, type Nats } from '@schoolbell/messaging';
import { createLogger } from '@schoolbell/service-kit';
import { startNats, waitFor, type RunningNats } from '@schoolbell/testing';
import { formatInstant } from '@schoolbell/time';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { serveAnswers } from '../src/requests/answering.ts';
import { BEGIN, openParts, type Parts } from './database.ts';
import { DAY, HOUR } from './scene.ts';

const log = createLogger({ service: 'scheduling', level: 'silent' });
let parts: Parts;
let server: RunningNats;
let serving: Nats;
let asking: Nats;
let stop: () => void;

beforeAll(async () => {
  [parts, server] = await Promise.all([openParts(), startNats()]);
  serving = connectNats({ url: server.url, name: 'scheduling', log });
  asking = connectNats({ url: server.url, name: 'notifier', log });
  stop = serveAnswers({ ...parts, nats: serving, log });
  await waitFor('scheduling answers', async () => (await standing('tom', 'teacher', randomUUID())) === null);
});
afterAll(async () => {
  stop();
  await Promise.all([serving.close(), asking.close()]);
  await Promise.all([parts.close(), server.stop()]);
});

type Role = 'teacher' | 'student' | 'partner';
const standing = (personId: string, role: Role, requestId: string) => request(asking, schedulingStanding, { personId, role, requestId });
const answer = (personId: string, role: Role, requestId: string, more: object) =>
  request(asking, schedulingAnswer, { personId, role, requestId, key: randomUUID(), ...more } as never);

let requestId: string;
let lessonId: string;
beforeEach(async () => {
  parts.clock.set(BEGIN);
  await parts.clear();
  await parts.teacher('tom');
  for (const [id, role] of [['anna', 'student'], ['paul', 'partner'], ['eve', 'student']] as const) await parts.person(id, role);
  await parts.sell({});
  const [lesson] = await parts.sql<{ id: string }>('SELECT id FROM lesson ORDER BY starts_at LIMIT 1');
  lessonId = lesson!.id;
  requestId = randomUUID();
  await parts.run({ type: 'request', requestId, scope: 'lesson', lessonId, to: { wall: '2026-03-05T10:00' }, without: [], by: { id: 'tom', role: 'teacher' } });
});

describe('answers by link', () => {
  it('say what each may do, and nothing to strangers', async () => {
    expect(await standing('anna', 'student', requestId)).toMatchObject({ status: 'offered', offer: 1, may: ['approve', 'decline', 'counter'], lessons: [{ lessonId }] });
    expect(await standing('tom', 'teacher', requestId)).toMatchObject({ status: 'offered', may: [] });
    expect(await standing('eve', 'student', requestId)).toBeNull();
    // A role alone opens nothing.
    expect(await standing('anna', 'teacher', requestId)).toBeNull();
    expect(await standing('anna', 'student', randomUUID())).toBeNull();
  });

  it('are carried out by the same rules as over HTTP, once for a key', async () => {
    expect(await answer('eve', 'student', requestId, { verb: 'approve', offer: 1 })).toMatchObject({ outcome: 'refused', code: 'not-a-participant' });
    expect(await answer('tom', 'teacher', requestId, { verb: 'approve', offer: 1 })).toMatchObject({ outcome: 'refused', code: 'own-offer' });
    expect(await answer('anna', 'student', requestId, { verb: 'approve', offer: 2 })).toMatchObject({ outcome: 'refused', code: 'offer-superseded' });
    expect(await answer('anna', 'student', randomUUID(), { verb: 'approve', offer: 1 })).toMatchObject({ outcome: 'refused', code: 'request-unknown' });
    const key = randomUUID();
    const twice = await Promise.all([1, 2].map(() => answer('anna', 'student', requestId, { verb: 'approve', offer: 1, key })));
    expect(twice).toEqual([{ outcome: 'done' }, { outcome: 'done' }]);
    expect(await parts.sql(`SELECT type FROM transition WHERE type = 'move.approved'`)).toHaveLength(1);
    expect(await answer('anna', 'student', requestId, { verb: 'decline', offer: 1 })).toMatchObject({ outcome: 'refused', code: 'request-closed' });
    expect(await standing('anna', 'student', requestId)).toMatchObject({ status: 'closed', outcome: 'approved', may: [] });
  });

  it('counter with an instant, which becomes the wall clock of the package', async () => {
    expect(await answer('anna', 'student', requestId, { verb: 'counter', offer: 1, to: '2026-03-06T09:30:00.000Z' })).toEqual({ outcome: 'done' });
    expect(await standing('tom', 'teacher', requestId)).toMatchObject({ offer: 2, may: ['approve', 'decline', 'counter'], lessons: [{ offeredStart: '2026-03-06T09:30:00.000Z' }] });
    await expect(answer('tom', 'teacher', requestId, { verb: 'counter', offer: 2 })).rejects.toMatchObject({ code: 'refused' });
    await expect(answer('tom', 'teacher', requestId, { verb: 'approve' })).rejects.toMatchObject({ code: 'refused' });
  });

  it('name no time that no package can have', async () => {
    const counter = (to: string) => answer('anna', 'student', requestId, { verb: 'counter', offer: 1, to });
    expect(await counter('2200-06-02T09:00:00.000Z')).toMatchObject({ outcome: 'refused', code: 'beyond-package-limit' });
    for (const past of ['1969-06-02T09:00:00.000Z', '1970-01-01T12:00:00.000Z']) expect(await counter(past)).toMatchObject({ outcome: 'refused', code: 'offer-in-past' });
  });

  it('lead out of waiting: back to the old time while that is ahead, or another one', async () => {
    await parts.run({ type: 'counter', requestId, offer: 1, to: { wall: '2026-03-03T10:00' }, without: [], by: { id: 'anna', role: 'student' } });
    // An earlier offer expires while the old start is ahead.
    parts.clock.set(BEGIN + DAY);
    await parts.poll();
    const waiting = await standing('anna', 'student', requestId);
    expect(waiting).toMatchObject({ status: 'waiting', may: ['propose', 'restore'] });
    expect(await answer('tom', 'teacher', requestId, { verb: 'restore', version: waiting!.version - 1 })).toMatchObject({ outcome: 'refused', code: 'version-stale' });
    expect(await answer('tom', 'teacher', requestId, { verb: 'propose', version: waiting!.version, to: formatInstant(BEGIN + 3 * DAY + HOUR) })).toEqual({ outcome: 'done' });
    expect(await standing('anna', 'student', requestId)).toMatchObject({ status: 'offered', may: ['approve', 'decline', 'counter'] });
  });
});
