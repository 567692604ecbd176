import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestScheduling, type TestScheduling } from './service.ts';

/** What somebody sees and may do who joined a package later, has left it or was replaced, over HTTP. */
type As = Parameters<TestScheduling['call']>[0];
const admin = ['root', 'admin'] as const;
const mia = ['mia', 'manager'] as const;
const tom = ['tom', 'teacher'] as const;
const tina = ['tina', 'teacher'] as const;
const anna = ['anna', 'student'] as const;
const bob = ['bob', 'student'] as const;
const carl = ['carl', 'student'] as const;
const paul = ['paul', 'partner'] as const;
const petra = ['petra', 'partner'] as const;

let service: TestScheduling;
beforeAll(async () => {
  service = await startTestScheduling('2026-03-02T09:00:00.000Z');
  for (const [id, role] of [mia, tom, tina, anna, bob, carl, paul, petra] as const) {
    await service.call(admin, 'PUT', `/v1/participants/${id}`, { role, zone: 'Europe/Berlin', locale: 'en' });
  }
  for (const teacherId of ['tom', 'tina']) await service.call(mia, 'POST', '/v1/contracts', { teacherId, zone: 'Europe/Berlin', firstDay: '2026-01-01' });
});
afterAll(async () => {
  await service?.stop();
  expect(service?.errors).toEqual([]);
});

const post = (as: As, path: string, body?: object) => service.call(as, 'POST', path, body);
const sell = async (more: object): Promise<{ id: string; lessonIds: string[] }> => {
  const { status, body } = await post(mia, '/v1/packages', { zone: 'Europe/Berlin', teacherId: 'tom', startDate: '2026-03-16', minutes: 60, ...more });
  expect([status, body.code]).toEqual([201, undefined]);
  return body;
};
const sees = async (as: As, lessonId: string): Promise<number> => (await service.call(as, 'GET', `/v1/lessons/${lessonId}`)).status;
const listed = async (as: As, packageId: string): Promise<string[]> =>
  (await service.call(as, 'GET', '/v1/lessons?from=2026-03-10T00:00:00Z&to=2026-05-01T00:00:00Z')).body.items
    .filter((item: { packageId: string }) => item.packageId === packageId).map(({ id }: { id: string }) => id);
const shown = async (as: As, packageId: string): Promise<number> => (await service.call(as, 'GET', `/v1/packages/${packageId}`)).body.lessons.length;

describe('who was there', () => {
  let group: { id: string; lessonIds: string[] };
  it('a newcomer sees what is from then on, who has left what was until then, and each reports on their own', async () => {
    group = await sell({ kind: 'group', seats: ['anna', 'bob'].map((studentId) => ({ studentId, partnerId: 'paul' })), slots: [{ weekday: 6, time: '18:00' }], weeks: 3 });
    const [before, after] = group.lessonIds as [string, string];
    service.clock.set('2026-03-21T18:00:00.000Z');
    expect(await post(mia, `/v1/packages/${group.id}/seats/bob/leave`)).toMatchObject({ status: 200 });
    expect(await post(mia, `/v1/packages/${group.id}/seats`, { studentId: 'carl', partnerId: 'petra' })).toMatchObject({ status: 200 });
    const both = (as: As) => Promise.all([before, after].map((id) => sees(as, id)));
    expect([await both(bob), await both(carl), await both(anna), await both(tom)]).toEqual([[200, 403], [403, 200], [200, 200], [200, 200]]);
    expect(await Promise.all([bob, carl, anna].map((as) => listed(as, group.id)))).toEqual([[before], group.lessonIds.slice(1), group.lessonIds]);
    expect(await Promise.all([carl, anna, tom, mia].map((as) => shown(as, group.id)))).toEqual([2, 3, 3, 3]);
    const absent = (as: As) => post(as, `/v1/lessons/${before}/outcome`, { outcome: 'missed', absent: ['tom'] });
    expect(await absent(carl)).toMatchObject({ status: 403, body: { code: 'not-a-participant' } });
    expect(await absent(bob)).toMatchObject({ status: 200, body: { status: 'missed' } });
    // Those who were in it hear of it, and nobody who came later.
    const [missed] = await service.sql<{ body: string }>("SELECT body FROM outbox WHERE subject = 'scheduling.lesson.missed'");
    expect(JSON.parse(missed!.body).data.people.map(({ id }: { id: string }) => id)).toEqual(['tom', 'anna', 'bob', 'paul']);
  });
  it('who comes back sees again what they were there for', async () => {
    expect(await post(mia, `/v1/packages/${group.id}/seats`, { studentId: 'bob', partnerId: 'paul' })).toMatchObject({ status: 200 });
    expect(await service.call(bob, 'GET', `/v1/lessons/${group.lessonIds[0]}`)).toMatchObject({ status: 200 });
  });
  it('who comes back with another partner begins anew: that one was not there before', async () => {
    await post(mia, `/v1/packages/${group.id}/seats/bob/leave`);
    expect(await post(mia, `/v1/packages/${group.id}/seats`, { studentId: 'bob', partnerId: 'petra' })).toMatchObject({ status: 200 });
    const [before, after] = group.lessonIds as [string, string];
    expect(await Promise.all([sees(bob, before), sees(petra, before), sees(petra, after)])).toEqual([403, 403, 200]);
  });
  it('a teacher who was replaced keeps the lessons they taught, and nothing else of the package', async () => {
    const test = await sell({ kind: 'assessment', seats: [{ studentId: 'carl', partnerId: 'petra' }], slots: [{ weekday: 7, time: '18:00' }], weeks: 1, testId: 't1' });
    await post(mia, `/v1/packages/${test.id}/teacher`, { teacherId: 'tina' });
    await service.sql("UPDATE lesson SET teacher_id = 'tom' WHERE id = $1", [test.lessonIds[0]]);
    const asked = await post(carl, `/v1/lessons/${test.lessonIds[0]}/requests`, { to: { wall: '2026-03-22T20:00' } });
    const gets = [`/v1/packages/${test.id}`, `/v1/packages/${test.id}/transitions`, `/v1/requests/${asked.body.id}`, `/v1/lessons/${test.lessonIds[0]}/free-times?from=2026-03-22T00:00:00Z&to=2026-03-23T00:00:00Z`];
    const statuses = async (as: As) => Promise.all(gets.map(async (path) => (await service.call(as, 'GET', path)).status));
    expect([await statuses(tom), await statuses(tina)]).toEqual([[403, 403, 403, 403], [200, 200, 200, 200]]);
    expect(await service.call(tom, 'GET', `/v1/lessons/${test.lessonIds[0]}`)).toMatchObject({ status: 200 });
    expect(await post(tom, `/v1/lessons/${test.lessonIds[0]}/preview`, { to: { wall: '2026-03-22T20:30' } })).toMatchObject({ status: 403 });
    expect(await post(tom, `/v1/packages/${test.id}/parts/essay`)).toMatchObject({ status: 403, body: { code: 'not-allowed' } });
    expect(await post(tina, `/v1/packages/${test.id}/parts/essay`)).toMatchObject({ status: 200 });
  });
  it('a newcomer sees a lesson that still awaits its time, wherever its old one was, on every way', async () => {
    const { id, lessonIds } = await sell({ kind: 'group', seats: [{ studentId: 'anna', partnerId: 'paul' }, { studentId: 'bob', partnerId: 'paul' }], slots: [{ weekday: 1, time: '08:00' }], weeks: 3, startDate: '2026-03-23' });
    const [open, past] = lessonIds as [string, string];
    expect(await post(tom, `/v1/lessons/${open}/requests`, { to: { wall: '2026-04-02T08:00' } })).toMatchObject({ status: 201 });
    service.clock.set('2026-03-31T18:00:00.000Z');
    expect(await post(mia, `/v1/packages/${id}/seats/bob/leave`)).toMatchObject({ status: 200 });
    expect(await post(mia, `/v1/packages/${id}/seats`, { studentId: 'carl', partnerId: 'petra' })).toMatchObject({ status: 200 });
    for (const as of [carl, petra]) {
      expect([await sees(as, open), await sees(as, past)]).toEqual([200, 403]);
      expect(await listed(as, id)).toEqual([open, lessonIds[2]]);
      expect(await shown(as, id)).toBe(2);
    }
    expect(await listed(bob, id)).toEqual([open, past]);
  });
  it('a partner is listed what they may see: nothing of the time between two students', async () => {
    const { id, lessonIds } = await sell({ kind: 'group', seats: [{ studentId: 'anna', partnerId: 'petra' }, { studentId: 'bob', partnerId: 'paul' }], slots: [{ weekday: 5, time: '08:00' }], weeks: 3, startDate: '2026-04-06' });
    service.clock.set('2026-04-11T09:00:00.000Z');
    expect(await post(mia, `/v1/packages/${id}/seats/bob/leave`)).toMatchObject({ status: 200 });
    service.clock.set('2026-04-18T09:00:00.000Z');
    expect(await post(mia, `/v1/packages/${id}/seats`, { studentId: 'carl', partnerId: 'paul' })).toMatchObject({ status: 200 });
    const ofPaul = [lessonIds[0], lessonIds[2]];
    expect([await listed(paul, id), await shown(paul, id)]).toEqual([ofPaul, 2]);
    expect(await Promise.all(lessonIds.map((lessonId) => sees(paul, lessonId)))).toEqual([200, 403, 200]);
  });
});
