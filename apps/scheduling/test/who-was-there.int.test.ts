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

let service: TestScheduling;
beforeAll(async () => {
  service = await startTestScheduling('2026-03-02T09:00:00.000Z');
  for (const [id, role] of [mia, tom, tina, anna, bob, carl, ['paul', 'partner'], ['petra', 'partner']] as const) {
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

describe('who was there', () => {
  let group: { id: string; lessonIds: string[] };
  it('a newcomer sees what is from then on, who has left what was until then, and each reports on their own', async () => {
    group = await sell({ kind: 'group', seats: ['anna', 'bob'].map((studentId) => ({ studentId, partnerId: 'paul' })), slots: [{ weekday: 6, time: '18:00' }], weeks: 3 });
    const [before, after] = group.lessonIds as [string, string];
    service.clock.set('2026-03-21T18:00:00.000Z');
    expect(await post(mia, `/v1/packages/${group.id}/seats/bob/leave`)).toMatchObject({ status: 200 });
    expect(await post(mia, `/v1/packages/${group.id}/seats`, { studentId: 'carl', partnerId: 'petra' })).toMatchObject({ status: 200 });
    const sees = async (as: As) => Promise.all([before, after].map(async (id) => (await service.call(as, 'GET', `/v1/lessons/${id}`)).status));
    expect([await sees(bob), await sees(carl), await sees(anna), await sees(tom)]).toEqual([[200, 403], [403, 200], [200, 200], [200, 200]]);
    const listed = async (as: As) =>
      (await service.call(as, 'GET', '/v1/lessons?from=2026-03-21T00:00:00Z&to=2026-05-01T00:00:00Z')).body.items
        .filter(({ packageId }: { packageId: string }) => packageId === group.id).map(({ id }: { id: string }) => id);
    expect([await listed(bob), await listed(carl), await listed(anna)]).toEqual([[before], group.lessonIds.slice(1), group.lessonIds]);
    const shown = async (as: As) => (await service.call(as, 'GET', `/v1/packages/${group.id}`)).body.lessons.length;
    expect([await shown(carl), await shown(anna), await shown(tom), await shown(mia)]).toEqual([2, 3, 3, 3]);
    const absent = (as: As) => post(as, `/v1/lessons/${before}/outcome`, { outcome: 'missed', absent: ['tom'] });
    expect(await absent(carl)).toMatchObject({ status: 403, body: { code: 'not-a-participant' } });
    expect(await absent(bob)).toMatchObject({ status: 200, body: { status: 'missed' } });
  });
  it('who comes back sees again what they were there for', async () => {
    expect(await post(mia, `/v1/packages/${group.id}/seats`, { studentId: 'bob', partnerId: 'paul' })).toMatchObject({ status: 200 });
    expect(await service.call(bob, 'GET', `/v1/lessons/${group.lessonIds[0]}`)).toMatchObject({ status: 200 });
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
});
