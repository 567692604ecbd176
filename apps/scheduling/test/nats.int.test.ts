import { randomUUID } from 'node:crypto';
import { ingestResultCompleted, ingestResultStream, schedulingAnswer, schedulingAwaiting, schedulingStanding, type ResultData } from '@schoolbell/contracts';
import { connectNats, request, type Nats, type NatsSession } from '@schoolbell/messaging';
import { createLogger } from '@schoolbell/service-kit';
import { startNats, waitFor, type RunningNats } from '@schoolbell/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestScheduling, type TestScheduling } from './service.ts';

/** The whole service on a real NATS server: it answers the notifier and hears of results. Its parts have tests of their own. */
const admin = ['root', 'admin'] as const;
const tom = ['tom', 'teacher'] as const;
const anna = ['anna', 'student'] as const;

let server: RunningNats;
let service: TestScheduling;
let outside: Nats;
let session: NatsSession;
beforeAll(async () => {
  server = await startNats();
  outside = connectNats({ url: server.url, name: 'outside', log: createLogger({ service: 'notifier', level: 'silent' }) });
  session = await waitFor('NATS is there', () => outside.current());
  await session.manager.streams.add({ name: ingestResultStream.name, subjects: [...ingestResultStream.subjects] });
  service = await startTestScheduling('2026-03-02T09:00:00.000Z', server.url);
  for (const [id, role] of [['tom', 'teacher'], ['anna', 'student'], ['paul', 'partner']]) {
    await service.call(admin, 'PUT', `/v1/participants/${id}`, { role, zone: 'Europe/Berlin', locale: 'en' });
  }
  await service.call(admin, 'POST', '/v1/contracts', { teacherId: 'tom', zone: 'Europe/Berlin', firstDay: '2026-01-01' });
});
afterAll(async () => {
  await outside?.close();
  await service?.stop();
  await server?.stop();
});

const sell = async (more: object): Promise<{ id: string; lessonIds: string[] }> => (await service.call(admin, 'POST', '/v1/packages', {
  zone: 'Europe/Berlin', teacherId: 'tom', seats: [{ studentId: 'anna', partnerId: 'paul' }], weeks: 1, slots: [{ weekday: 3, time: '14:30' }], minutes: 60, ...more,
})).body;

it('a link in a mail answers an offer, and the admin is told what awaits', async () => {
  const { lessonIds } = await sell({ kind: 'individual', startDate: '2026-03-09' });
  const { body: { id: requestId } } = await service.call(anna, 'POST', `/v1/lessons/${lessonIds[0]}/requests`, { to: { wall: '2026-03-12T15:00' } });
  await waitFor('the service answers', async () =>
    (await request(outside, schedulingStanding, { personId: 'eve', role: 'student', requestId }).catch(() => undefined)) === null);

  expect(await request(outside, schedulingAwaiting, { limit: 10 })).toMatchObject({ totals: { offered: 1 }, items: [{ lessonId: lessonIds[0], status: 'offered' }] });
  const answer = { personId: 'tom', role: 'teacher', requestId } as const;
  expect(await request(outside, schedulingStanding, answer)).toMatchObject({ offer: 1, may: ['approve', 'decline', 'counter'] });
  expect(await request(outside, schedulingAnswer, { ...answer, verb: 'approve', offer: 1, key: randomUUID() })).toEqual({ outcome: 'done' });
  expect((await service.call(anna, 'GET', `/v1/requests/${requestId}`)).body).toMatchObject({ status: 'closed', outcome: 'approved' });
});

it("an assessment's test is done when the learner's result comes from the results path; with essay and lesson it is complete", async () => {
  const { id } = await sell({ kind: 'assessment', startDate: '2026-03-16', testId: 't-1' });
  const handIn = (learnerId: string, testId: string): void => {
    const data: ResultData = {
      source: 'platform', webhookId: randomUUID(), organizationId: 'acme', attemptId: randomUUID(), learnerId, courseId: 'c', testId, score: 3, maxScore: 4,
      completedAt: '2026-03-02T08:59:00.000Z', timestamp: '2026-03-02T09:00:00.000Z',
    };
    session.connection.publish(ingestResultCompleted.subject, JSON.stringify({
      specversion: '1.0', id: randomUUID(), source: '/schoolbell/ingest', type: ingestResultCompleted.type, time: data.timestamp, data,
    }));
  };
  for (const [learner, test] of [['anna', 't-2'], ['bob', 't-1'], ['anna', 't-1'], ['anna', 't-1']] as const) handIn(learner, test);
  const found = async () => (await service.call(tom, 'GET', `/v1/packages/${id}`)).body;
  const { state, partsDone } = await waitFor('the test is done', async () => {
    const one = await found();
    return one.partsDone.test !== undefined && one;
  });
  expect([state, Object.keys(partsDone)]).toEqual(['active', ['test']]);
  expect(await service.call(anna, 'POST', `/v1/packages/${id}/parts/essay`)).toMatchObject({ status: 403 });
  expect(await service.call(tom, 'POST', `/v1/packages/${id}/parts/test`)).toMatchObject({ status: 400 });
  expect(await service.call(tom, 'POST', `/v1/packages/${id}/parts/essay`)).toMatchObject({ status: 200, body: { state: 'active' } });
  expect(await service.call(tom, 'POST', `/v1/packages/${id}/parts/lesson`)).toMatchObject({ status: 200, body: { state: 'completed' } });
  const { body } = await service.call(tom, 'GET', `/v1/packages/${id}/transitions`);
  expect(body.items.map(({ type }: { type: string }) => type)).toEqual([
    'package.sold', 'package.part-done', 'package.part-done', 'package.part-done', 'package.completed',
  ]);
});
