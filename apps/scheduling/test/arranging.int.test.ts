import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '@schoolbell/testing';
import { startTestScheduling, type TestScheduling } from './service.ts';

/** What teachers and managers arrange, over HTTP: working hours, and lessons that nobody agreed about. */
type As = Parameters<TestScheduling['call']>[0];
const admin = ['root', 'admin'] as const;
const mia = ['mia', 'manager'] as const;
const tom = ['tom', 'teacher'] as const;
const anna = ['anna', 'student'] as const;

let service: TestScheduling;
beforeAll(async () => {
  service = await startTestScheduling('2026-03-02T09:00:00.000Z');
  for (const [id, role] of [['mia', 'manager'], ['tom', 'teacher'], ['tina', 'teacher'], ['anna', 'student'], ['paul', 'partner']]) {
    await service.call(admin, 'PUT', `/v1/participants/${id}`, { role, zone: 'Europe/Berlin', locale: 'en' });
  }
  await service.call(mia, 'POST', '/v1/contracts', { teacherId: 'tom', zone: 'Europe/Berlin', firstDay: '2026-01-01', lastDay: '2026-12-31' });
});
afterAll(async () => {
  await service?.stop();
  expect(service?.errors).toEqual([]);
});

const post = (as: As, path: string, body?: object) => service.call(as, 'POST', path, body);
const sell = async (more: object): Promise<string[]> => (await post(mia, '/v1/packages', {
  kind: 'individual', zone: 'Europe/Berlin', teacherId: 'tom', seats: [{ studentId: 'anna', partnerId: 'paul' }],
  weeks: 1, slots: [{ weekday: 3, time: '14:30' }], minutes: 60, ...more,
})).body.lessonIds;
const lesson = async (id: string) => (await service.call(mia, 'GET', `/v1/lessons/${id}`)).body;

describe('working hours and days off', () => {
  const hours = (as: As, body: object, headers = {}) => service.call(as, 'PUT', '/v1/teachers/tom/working-hours', { zone: 'Europe/Berlin', ...body }, headers);
  const weekdays = [1, 2, 3, 4, 5].map((weekday) => ({ weekday, from: '09:00', to: '17:00' }));

  it('are kept by every offer, and by the answer to it', async () => {
    const [id] = await sell({ startDate: '2026-03-09' });
    expect(await hours(tom, { hours: weekdays, daysOff: ['2026-03-12'] })).toMatchObject({ status: 200, body: { version: 1, hours: weekdays } });
    const ask = async (wall: string) => {
      const { status, body } = await post(anna, `/v1/lessons/${id}/requests`, { to: { wall } });
      return [status, body.code];
    };
    expect(await ask('2026-03-13T16:30')).toEqual([422, 'outside-working-hours']);
    expect(await ask('2026-03-12T10:00')).toEqual([422, 'teacher-day-off']);
    const free = await service.call(anna, 'GET', `/v1/lessons/${id}/free-times?from=2026-03-12T00:00:00Z&to=2026-03-14T00:00:00Z&zone=Europe/Berlin&language=en`);
    expect(free.body.stretches).toMatchObject([{
      first: { text: 'Fri 13 Mar, 09:00, Berlin (UTC+1)' }, last: { text: 'Fri 13 Mar, 16:00, Berlin (UTC+1)' }, endedBy: ['outside-working-hours'],
    }]);
    expect(await ask('2026-03-13T16:00')).toEqual([201, undefined]);
    expect(await hours(tom, { hours: weekdays, daysOff: ['2026-03-13'] }, { 'if-match': '"1"' })).toMatchObject({ status: 200, body: { version: 2 } });
    const { requestId } = await lesson(id as string);
    expect(await post(tom, `/v1/requests/${requestId}/approve`, { offer: 1 })).toMatchObject({ status: 422, body: { code: 'teacher-day-off' } });
    expect(await post(tom, `/v1/requests/${requestId}/decline`, { offer: 1 })).toMatchObject({ status: 200 });
  });
  it('are read with their version, and a version is of what there is', async () => {
    const read = async (as: As, id = 'tom') => service.call(as, 'GET', `/v1/teachers/${id}/working-hours`);
    const known = await read(tom);
    expect(known).toMatchObject({ status: 200, body: { zone: 'Europe/Berlin', version: 2, hours: weekdays, daysOff: ['2026-03-13'] } });
    expect(known.headers.get('etag')).toBe('"2"');
    expect(await read(['tina', 'teacher'])).toMatchObject({ status: 403 });
    expect(await read(mia, 'anna')).toMatchObject({ status: 404, body: { code: 'teacher-unknown' } });
    expect(await hours(tom, { hours: [] }, { 'if-match': '"1"' })).toMatchObject({ status: 412, body: { code: 'version-stale', version: 2 } });

    expect((await read(mia, 'tina')).body).toEqual({ zone: 'Europe/Berlin', version: 0, hours: [], daysOff: [] });
    const put = (version: string, id = 'tina') =>
      service.call(mia, 'PUT', `/v1/teachers/${id}/working-hours`, { zone: 'Europe/Berlin', hours: [] }, { 'if-match': version });
    expect(await put('"3"')).toMatchObject({ status: 412, body: { code: 'version-stale', version: 0 } });
    expect(await put('"0"')).toMatchObject({ status: 200, body: { version: 1 } });
    expect(await put('"0"')).toMatchObject({ status: 412, body: { version: 1 } });
  });
  it('nor is anybody made under a version that they had', async () => {
    const put = (id: string, version: string) =>
      service.call(admin, 'PUT', `/v1/participants/${id}`, { role: 'student', zone: 'Europe/Berlin', locale: 'en' }, { 'if-match': version });
    expect(await put('gone', '"4"')).toMatchObject({ status: 412, body: { code: 'version-stale', version: 0 } });
    expect(await service.call(mia, 'GET', '/v1/participants/gone')).toMatchObject({ status: 404 });
    expect(await put('anna', '"7"')).toMatchObject({ status: 412, body: { version: 1 } });
    const { body } = await service.call(mia, 'GET', '/v1/teachers/tom/contracts');
    expect(await service.call(mia, 'PUT', `/v1/contracts/${body.items[0].id}/last-day`, { lastDay: '2026-12-31' }, { 'if-match': '"9"' }))
      .toMatchObject({ status: 412, body: { version: 1 } });
  });
  it('are looked at only on days that there are', async () => {
    const [id] = await sell({ startDate: '2026-03-16' });
    const free = (from: string, to: string) => service.call(anna, 'GET', `/v1/lessons/${id}/free-times?from=${from}&to=${to}`);
    expect(await free('2200-06-02T09:00:00Z', '2200-06-03T09:00:00Z')).toMatchObject({ status: 400, body: { code: 'parameter-invalid' } });
    expect(await free('2189-12-20T00:00:00Z', '2189-12-30T23:59:59Z')).toMatchObject({ status: 200, body: { items: [] } });
    expect(await free('1970-01-02T00:00:00Z', '1970-01-03T00:00:00Z')).toMatchObject({ status: 200, body: { items: [] } });
    for (const wrong of ['2026-03-17', 'soon', '1970-01-01T00:00:00Z', `2026-03-17T09:00:00.${'0'.repeat(50)}Z`]) {
      expect(await free(wrong, '2026-03-18T09:00:00Z'), wrong).toMatchObject({ status: 400, body: { code: 'parameter-invalid' } });
    }
  });
  it("are the teacher's own to change, and of what a clock can show", async () => {
    expect(await hours(['tina', 'teacher'], { hours: [] })).toMatchObject({ status: 403 });
    expect(await hours(anna, { hours: [] })).toMatchObject({ status: 403 });
    expect(await hours(tom, { hours: [] }, { 'if-match': '"1"' })).toMatchObject({ status: 412, body: { code: 'version-stale' } });
    for (const wrong of [{ weekday: 1, from: '17:00', to: '09:00' }, { weekday: 1, from: '09:00', to: '24:30' }, { weekday: 8, from: '09:00', to: '17:00' }]) {
      expect(await hours(tom, { hours: [wrong] })).toMatchObject({ status: 422, body: { code: 'body-invalid' } });
    }
    expect(await hours(mia, { hours: [] })).toMatchObject({ status: 200, body: { version: 3, hours: [], daysOff: [] } });
  });
});

describe('a lesson that nobody agreed about', () => {
  let ids: string[];
  it('goes to the manager at its limit, with both sides told', async () => {
    ids = await sell({ startDate: '2026-04-06', slots: [{ weekday: 1, time: '10:00' }, { weekday: 2, time: '10:00' }, { weekday: 3, time: '10:00' }] });
    for (const id of ids) expect(await post(tom, `/v1/lessons/${id}/requests`, { to: { wall: '2026-04-10T15:00' } })).toMatchObject({ status: id === ids[0] ? 201 : 409 });
    for (const [index, id] of ids.slice(1).entries()) expect(await post(tom, `/v1/lessons/${id}/requests`, { to: { wall: `2026-04-1${index + 1}T15:00` } })).toMatchObject({ status: 201 });
    // One week and one of reserve: local midnight.
    service.clock.set('2026-04-19T22:00:00.000Z');
    await waitFor('all have lapsed', async () => (await service.call(mia, 'GET', '/v1/awaiting?status=lapsed')).body.items.length === 3);
    expect((await lesson(ids[0] as string)).next).toMatchObject({ kind: 'ask-manager', at: '2026-04-20T22:00:00.000Z' });
    expect(await service.call(tom, 'GET', '/v1/awaiting?status=lapsed')).toMatchObject({ status: 403 });
  });
  it('who sets a time, beyond the package too, but not where somebody is busy', async () => {
    const set = (as: As, id: string, wall: string) => post(as, `/v1/lessons/${id}/time`, { to: { wall } });
    expect(await set(tom, ids[0] as string, '2026-05-04T10:00')).toMatchObject({ status: 403 });
    expect(await set(mia, ids[0] as string, '2026-05-04T10:00')).toMatchObject({ status: 200, body: { status: 'scheduled', start: '2026-05-04T08:00:00.000Z' } });
    expect(await set(mia, ids[0] as string, '2026-05-05T10:00')).toMatchObject({ status: 409, body: { code: 'lesson-not-lapsed' } });
    expect(await set(mia, ids[1] as string, '2026-05-04T10:30')).toMatchObject({ status: 409, body: { code: 'teacher-busy' } });
    expect(await set(mia, ids[1] as string, '2027-01-04T10:30')).toMatchObject({ status: 422, body: { code: 'beyond-contract-end' } });
  });
  it('or gives both sides more time, or cancels', async () => {
    const extend = (lastDay: string) => post(mia, `/v1/lessons/${ids[1]}/limit`, { lastDay, zone: 'Europe/Berlin' });
    expect(await extend('2026-04-19')).toMatchObject({ status: 422, body: { code: 'beyond-extended-limit' } });
    const extended = await extend('2026-05-31');
    expect(extended).toMatchObject({ status: 200, body: { status: 'awaiting' } });
    const proposed = await post(anna, `/v1/requests/${extended.body.requestId}/propose`, { to: { wall: '2026-05-31T23:00' } });
    expect(proposed).toMatchObject({ status: 200, body: { status: 'offered', waitingFor: ['tom'] } });
    expect(await post(tom, `/v1/requests/${extended.body.requestId}/approve`, { offer: 1 })).toMatchObject({ status: 200, body: { outcome: 'approved' } });
    expect(await post(anna, `/v1/lessons/${ids[2]}/cancel`, { reason: 'enough' })).toMatchObject({ status: 403, body: { code: 'role-may-not-cancel' } });
    expect(await post(mia, `/v1/lessons/${ids[2]}/cancel`, { reason: 'refunded' })).toMatchObject({ status: 200, body: { status: 'cancelled' } });
    expect((await service.call(mia, 'GET', '/v1/awaiting')).body.items).toEqual([]);
  });
});

describe('lists', () => {
  const pages = async (as: As, path: string, limit: number): Promise<string[]> => {
    const found: string[] = [];
    for (let next: string | null = null; ;) {
      const { status, body }: { status: number; body: { items: { id: string }[]; next: string | null } } =
        await service.call(as, 'GET', `${path}limit=${limit}${next === null ? '' : `&after=${encodeURIComponent(next)}`}`);
      expect(status).toBe(200);
      expect(body.items.length).toBeLessThanOrEqual(limit);
      found.push(...body.items.map(({ id }) => id));
      if (body.next === null) return found;
      ({ next } = body);
    }
  };
  it('come page by page, each thing once, and nobody lists what is not theirs', async () => {
    expect(await pages(mia, '/v1/participants?', 2)).toEqual(['anna', 'mia', 'paul', 'tina', 'tom']);
    expect(await pages(mia, '/v1/participants?role=teacher&', 1)).toEqual(['tina', 'tom']);
    const all = (await service.sql<{ id: string }>('SELECT id FROM package ORDER BY id')).map(({ id }) => id);
    expect(await pages(mia, '/v1/packages?', 1)).toEqual(all);
    expect(await pages(anna, '/v1/packages?', 1)).toEqual(all);
    expect(await pages(['tina', 'teacher'], '/v1/packages?participant=anna&', 1)).toEqual([]);
    const trail = (await service.sql<{ id: string }>('SELECT id FROM transition WHERE package_id = $1 ORDER BY id', [all[0]])).map(({ id }) => id);
    expect(await pages(tom, `/v1/packages/${all[0]}/transitions?`, 2)).toEqual(trail);
    expect(await service.call(tom, 'GET', '/v1/participants')).toMatchObject({ status: 403 });
    expect((await service.call(tom, 'GET', '/v1/participants/tom')).body).toMatchObject({ id: 'tom', role: 'teacher', zone: 'Europe/Berlin' });
    expect(await service.call(tom, 'GET', '/v1/participants/anna')).toMatchObject({ status: 403 });
    expect(await service.call(mia, 'GET', '/v1/participants/nobody')).toMatchObject({ status: 404 });
  });
  it('of what awaits, by what happens next', async () => {
    const ids = await sell({ startDate: '2026-05-11', slots: [{ weekday: 1, time: '10:00' }, { weekday: 2, time: '10:00' }, { weekday: 3, time: '10:00' }] });
    for (const [index, id] of ids.entries()) expect(await post(tom, `/v1/lessons/${id}/requests`, { to: { wall: `2026-05-1${6 - index}T15:00` } })).toMatchObject({ status: 201 });
    const reminders = ['2026-05-11', '2026-05-12', '2026-05-13'];
    expect((await service.call(mia, 'GET', '/v1/awaiting')).body.items.map(({ next }: { next: { at: string } }) => next.at.slice(0, 10))).toEqual(reminders);
    expect(await pages(mia, '/v1/awaiting?', 1)).toEqual(ids);
    expect(await post(admin, `/v1/lessons/${ids[0]}/requests`, { to: { wall: '2026-05-20T15:00' } })).toMatchObject({ status: 403, body: { code: 'not-allowed' } });
  });
});

it('a lesson whose earlier time expired is restored by either side', async () => {
  const [id] = await sell({ startDate: '2026-06-08' });
  const asked = await post(anna, `/v1/lessons/${id}/requests`, { to: { wall: '2026-06-09T10:00' } });
  service.clock.set('2026-06-09T07:50:00.000Z');
  await waitFor('the offer has expired', async () => (await lesson(id as string)).status === 'awaiting');
  expect(await post(tom, `/v1/requests/${asked.body.id}/restore`, {})).toMatchObject({ status: 200, body: { status: 'closed', outcome: 'restored' } });
  expect(await lesson(id as string)).toMatchObject({ status: 'scheduled', start: '2026-06-10T12:30:00.000Z', requestId: null });
});
