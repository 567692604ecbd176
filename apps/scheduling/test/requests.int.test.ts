// What scheduling answers to the notifier over NATS.
import { randomUUID } from 'node:crypto';
import { deadLettersReplayRequests, deadLettersRequests, ingestResultStream, schedulingAnswer, schedulingAwaiting, schedulingStanding, statusRequests, type RequestDefinition } from '@schoolbell/contracts';
import { connectNats, request, type Nats } from '@schoolbell/messaging';
import { createLogger } from '@schoolbell/service-kit';
import { startNats, startPostgres, waitFor, type RunningNats, type RunningPostgres } from '@schoolbell/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestScheduling, type TestScheduling } from './service.ts';

const admin = ['root', 'admin'] as const;
const anna = ['anna', 'student'] as const;
const by = 'Anna (telegram 7)';
const letters = deadLettersRequests.scheduling;
const replay = deadLettersReplayRequests.scheduling;
const status = statusRequests.scheduling;

let postgres: RunningPostgres;
let nats: RunningNats;
let service: TestScheduling;
let asker: Nats;
let lessonIds: string[];
let requestId: string;

beforeAll(async () => {
  [postgres, nats] = await Promise.all([startPostgres(), startNats()]);
  asker = connectNats({ url: nats.url, name: 'notifier', log: createLogger({ service: 'notifier', level: 'silent' }) });
  await waitFor('the asker is connected', () => asker.connected());
  await asker.current()!.manager.streams.add({ name: ingestResultStream.name, subjects: [...ingestResultStream.subjects] });
  service = await startTestScheduling('2026-03-02T09:00:00.000Z', nats.url, () => postgres.database('scheduling'));
  await waitFor('scheduling is well', async () => (await request(asker, status, {})).status === 'ok');
  for (const [id, role] of [['tom', 'teacher'], ['anna', 'student'], ['paul', 'partner']]) {
    await service.call(admin, 'PUT', `/v1/participants/${id}`, { role, zone: 'Europe/Berlin', locale: 'en' });
  }
  await service.call(admin, 'POST', '/v1/contracts', { teacherId: 'tom', zone: 'Europe/Berlin', firstDay: '2026-01-01' });
  const order = { kind: 'individual', zone: 'Europe/Berlin', teacherId: 'tom', seats: [{ studentId: 'anna', partnerId: 'paul' }], startDate: '2026-03-09', weeks: 3, slots: [{ weekday: 3, time: '14:30' }], minutes: 60 };
  ({ lessonIds } = (await service.call(admin, 'POST', '/v1/packages', order)).body);
});
afterAll(async () => {
  await asker?.close();
  await service?.stop();
  await nats?.stop();
  await postgres?.stop();
});

const move = async (lesson: number, wall: string): Promise<string> => (await service.call(anna, 'POST', `/v1/lessons/${lessonIds[lesson]}/requests`, { to: { wall } })).body.id;

describe('scheduling, asked over NATS', () => {
  it('shows the lessons that await a new time: whose next action comes first, first, and nobody of them', async () => {
    expect(await request(asker, schedulingAwaiting, {})).toEqual({ totals: { offered: 0, awaiting: 0, lapsed: 0 }, items: [] });
    await move(1, '2026-03-19T15:00');
    requestId = await move(0, '2026-03-12T15:00');
    const all = await request(asker, schedulingAwaiting, {});
    expect(all).toMatchObject({
      totals: { offered: 2, awaiting: 0, lapsed: 0 },
      items: [
        { lessonId: lessonIds[0], packageKind: 'individual', status: 'offered', start: '2026-03-11T13:30:00.000Z', next: { at: expect.any(String) } },
        { lessonId: lessonIds[1], status: 'offered' },
      ],
    });
    expect(JSON.stringify(all)).not.toMatch(/anna|tom|paul/);
    expect(await request(asker, schedulingAwaiting, { limit: 1 })).toMatchObject({ totals: { offered: 2 }, items: [{ lessonId: lessonIds[0] }] });
  });

  it('says how a request stands for who takes part, and carries an answer out once for its key', async () => {
    const tom = { personId: 'tom', role: 'teacher' as const, requestId };
    expect(await request(asker, schedulingStanding, tom)).toMatchObject({ offer: 1, may: ['approve', 'decline', 'counter'] });
    expect(await request(asker, schedulingStanding, { ...tom, personId: 'eve' })).toBeNull();
    const approve = { ...tom, verb: 'approve' as const, offer: 1, key: randomUUID() };
    expect(await request(asker, schedulingAnswer, approve)).toEqual({ outcome: 'done' });
    expect(await request(asker, schedulingAnswer, approve)).toEqual({ outcome: 'done' });
    expect(await request(asker, schedulingAnswer, { ...approve, key: randomUUID() })).toMatchObject({ outcome: 'refused', code: 'request-closed' });
    expect(await request(asker, schedulingAwaiting, {})).toMatchObject({ totals: { offered: 1 }, items: [{ lessonId: lessonIds[1] }] });
  });

  it('shows what it could not handle, and looks at it again', async () => {
    await asker.current()!.jetstream.publish('ingest.result.completed', 'this is no event');
    await waitFor('it is parked', async () => (await request(asker, letters, {})).total === 1);
    expect(await request(asker, letters, { durable: 'scheduling-assessment' })).toMatchObject({ total: 1, items: [{ durable: 'scheduling-assessment', code: 'not-json' }] });
    expect(await request(asker, letters, { durable: 'of-nobody' })).toEqual({ total: 0, items: [] });
    expect(await request(asker, replay, { dryRun: true, by })).toEqual({ matching: 1, replayed: 0, refused: 0, left: 1 });
    expect(await request(asker, replay, { dryRun: false, by })).toEqual({ matching: 1, replayed: 0, refused: 1, left: 0 });
    expect(await request(asker, status, {})).toMatchObject({ status: 'ok', deadLetters: 1, lags: expect.arrayContaining([{ name: 'scheduling-assessment', kind: 'consumer', waiting: 0 }]) });
  });

  it.each([
    ['more than a message holds', schedulingAwaiting, { limit: 101 }, 'limit'],
    ['a request that none can be', schedulingStanding, { personId: 'tom', role: 'teacher', requestId: 'x' }, 'requestId'],
    ['a role that asks for nothing', schedulingStanding, { personId: 'root', role: 'admin', requestId: randomUUID() }, 'role'],
    ['an answer without a key', schedulingAnswer, { personId: 'tom', role: 'teacher', requestId: randomUUID(), verb: 'approve', offer: 1 }, 'key'],
    ['a time between two minutes', schedulingAnswer, { personId: 'tom', role: 'teacher', requestId: randomUUID(), verb: 'counter', offer: 1, key: 'k', to: '2026-03-12T15:00:30.000Z' }, 'to the minute'],
    ['a durable that no service can have', letters, { durable: 'a\u0000b' }, 'durable'],
  ] as const)('refuses %s, and says what is wrong', async (_name, definition, payload, field) => {
    await expect(request(asker, definition as RequestDefinition, payload)).rejects.toMatchObject({ code: 'refused', message: expect.stringMatching(new RegExp(`not valid[^]*${field}`)) });
  });

  it('refuses an answer that does not name its offer', async () => {
    const answer = { personId: 'tom', role: 'teacher' as const, requestId, verb: 'approve' as const, key: randomUUID() };
    await expect(request(asker, schedulingAnswer, answer)).rejects.toMatchObject({ code: 'refused', message: 'an answer names the offer that it answers' });
  });
});

describe('scheduling without its database, asked', () => {
  beforeAll(async () => {
    await postgres.stop();
    await waitFor('scheduling knows', async () => (await request(asker, status, {})).status === 'down');
  });

  it.each([
    ['what awaits', schedulingAwaiting, {}],
    ['how a request stands', schedulingStanding, { personId: 'tom', role: 'teacher', requestId: randomUUID() }],
    ['to carry out an answer', schedulingAnswer, { personId: 'tom', role: 'teacher', requestId: randomUUID(), verb: 'approve', offer: 1, key: 'k' }],
    ['for dead letters', letters, {}],
    ['to handle them again', replay, { dryRun: false, by }],
  ] as const)('%s, says so', async (_name, definition, payload) => {
    await expect(request(asker, definition as RequestDefinition, payload)).rejects.toMatchObject({ code: 'unavailable', message: 'its database does not answer' });
  });

  it('how it is, says it without the numbers that stand in the database', async () => {
    expect(await request(asker, status, {})).toMatchObject({ status: 'down', deadLetters: null, lags: expect.arrayContaining([{ name: 'SCHEDULING', kind: 'outbox', waiting: null }]) });
  });

  it('when it is back, answers as before', async () => {
    await postgres.restart();
    await waitFor('it answers', async () => (await request(asker, schedulingAwaiting, {})).totals.offered === 1);
  });
});
