import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '@schoolbell/testing';
import { startTestScheduling, type Answer, type TestScheduling } from './service.ts';

const admin = ['root', 'admin'] as const;
const mia = ['mia', 'manager'] as const;
const tom = ['tom', 'teacher'] as const;
const anna = ['anna', 'student'] as const;
const paul = ['paul', 'partner'] as const;
const eve = ['eve', 'student'] as const;

let service: TestScheduling;
let lessonIds: string[];
let packageId: string;
const NOW = '2026-03-02T09:00:00.000Z';

beforeAll(async () => {
  service = await startTestScheduling(NOW);
  for (const [id, role, zone, locale] of [
    ['tom', 'teacher', 'America/New_York', 'en'], ['anna', 'student', 'Europe/Berlin', 'ru'], ['paul', 'partner', 'Europe/Berlin', 'en'],
    ['eve', 'student', 'Asia/Kathmandu', 'en'], ['mia', 'manager', 'Europe/Berlin', 'en'], ['tina', 'teacher', 'Europe/Berlin', 'en'],
  ]) {
    expect(await service.call(admin, 'PUT', `/v1/participants/${id}`, { role, zone, locale })).toMatchObject({ status: 200 });
  }
  const contract = { teacherId: 'tom', zone: 'America/New_York', firstDay: '2026-01-01', lastDay: '2026-12-31' };
  expect(await service.call(mia, 'POST', '/v1/contracts', contract)).toMatchObject({ status: 201 });
});
afterAll(async () => {
  await service?.stop();
  expect(service?.errors).toEqual([]);
});

const order = (more: object = {}) => ({
  kind: 'individual', zone: 'Europe/Berlin', teacherId: 'tom', seats: [{ studentId: 'anna', partnerId: 'paul' }],
  startDate: '2026-03-09', weeks: 5, slots: [{ weekday: 3, time: '14:30' }], minutes: 60, ...more,
});

describe('a negotiation over HTTP', () => {
  let requestId: string;
  const ask = (body: object, headers: Record<string, string> = {}) => service.call(anna, 'POST', `/v1/lessons/${lessonIds[0]}/requests`, body, headers);

  it('begins with a package, sold once for its key', async () => {
    const sell = () => service.call(mia, 'POST', '/v1/packages', order(), { 'idempotency-key': 'sale-1' });
    const first = await sell();
    expect(first.status).toBe(201);
    ({ id: packageId, lessonIds } = first.body);
    expect(lessonIds).toHaveLength(5);
    expect((await sell()).body).toEqual(first.body);
    expect(await service.call(mia, 'POST', '/v1/packages', order({ weeks: 6 }), { 'idempotency-key': 'sale-1' }))
      .toMatchObject({ status: 422, body: { code: 'idempotency-key-reused' } });
    expect(await service.call(mia, 'POST', '/v1/packages', order())).toMatchObject({
      status: 409, type: 'application/problem+json', body: { code: 'package-collides', slots: [{ number: 1, wall: '2026-03-11T14:30', codes: ['teacher-busy', 'student-busy'] }, {}, {}, {}, {}] },
    });
  });

  it('shows everybody the lessons on their own clocks', async () => {
    const range = 'from=2026-03-01T00:00:00Z&to=2026-05-01T00:00:00Z';
    const texts = async (as: Parameters<TestScheduling['call']>[0], more = '') =>
      (await service.call(as, 'GET', `/v1/lessons?${range}${more}`)).body.items.map(({ text }: { text: string }) => text);
    expect((await texts(tom)).slice(0, 4)).toEqual([
      'Wed 11 Mar, 09:30, New York (UTC-4)', 'Wed 18 Mar, 09:30, New York (UTC-4)', 'Wed 25 Mar, 09:30, New York (UTC-4)', 'Wed 1 Apr, 08:30, New York (UTC-4)',
    ]);
    expect((await texts(anna))[0]).toBe('ср, 11 мар., 14:30, Берлин (UTC+1)');
    expect((await texts(paul, '&zone=Asia/Kathmandu&language=en'))[3]).toBe('Wed 1 Apr, 18:15, Kathmandu (UTC+5:45)');
    const page = await service.call(tom, 'GET', `/v1/lessons?${range}&limit=2`);
    const rest = await service.call(tom, 'GET', `/v1/lessons?${range}&limit=2&after=${page.body.next}`);
    expect([...page.body.items, ...rest.body.items].map(({ id }: { id: string }) => id)).toEqual(lessonIds.slice(0, 4));
    expect((await service.call(eve, 'GET', `/v1/lessons?${range}`)).body.items).toEqual([]);
    expect(await service.call(eve, 'GET', `/v1/lessons?${range}&participant=anna`)).toMatchObject({ status: 403 });
    expect((await service.call(mia, 'GET', `/v1/lessons?${range}&participant=anna`)).body.items).toHaveLength(5);
  });

  it('answers everybody who asks at once with their own, of their own range and page', async () => {
    const ranges = ['from=2026-03-01T00:00:00Z&to=2026-05-01T00:00:00Z', 'from=2026-03-12T00:00:00Z&to=2026-04-01T00:00:00Z', 'from=2026-03-01T00:00:00Z&to=2026-05-01T00:00:00Z&limit=3'];
    const asked = [tom, anna, paul, eve].flatMap((as) => ranges.map((range) => () => service.call(as, 'GET', `/v1/lessons?${range}`)));
    const alone: Answer[] = [];
    for (const ask of asked) alone.push(await ask());
    const together = await Promise.all([...asked, ...asked, ...asked].map((ask) => ask()));
    expect(together.map(({ body }) => body)).toEqual([...alone, ...alone, ...alone].map(({ body }) => body));
    expect(alone.map(({ body }) => body.items.length)).toEqual([5, 2, 3, 5, 2, 3, 5, 2, 3, 0, 0, 0]);
  });

  it('is previewed for both sides, with the weeks in which clocks drift', async () => {
    const { body, status } = await service.call(anna, 'POST', `/v1/lessons/${lessonIds[0]}/preview`, { scope: 'series', to: { wall: '2026-03-13T10:00' } });
    expect(status).toBe(200);
    expect(body.lessons).toHaveLength(5);
    expect(body.lessons[0]).toMatchObject({ old: '2026-03-11T13:30:00.000Z', new: '2026-03-13T09:00:00.000Z', kind: 'unique', codes: [] });
    expect(body.lessons[0].texts).toContainEqual({
      participantId: 'tom', role: 'teacher', old: 'Wed 11 Mar, 09:30, New York (UTC-4)', new: 'Fri 13 Mar, 05:00, New York (UTC-4)',
    });
    expect(body.drift).toEqual([{
      participantId: 'tom', usual: { weekday: 5, time: '05:00' },
      lessons: [{ lessonId: lessonIds[3], weekday: 5, time: '04:00' }, { lessonId: lessonIds[4], weekday: 5, time: '04:00' }],
    }]);
  });

  it('knows the free times and what ends them', async () => {
    const { body } = await service.call(anna, 'GET', `/v1/lessons/${lessonIds[0]}/free-times?from=2026-03-18T12:00:00Z&to=2026-03-18T16:00:00Z&zone=Europe/Berlin&language=en`);
    // The next lesson of the series is 13:30 to 14:30 UTC.
    expect(body.items.map(({ start }: { start: string }) => start.slice(11, 16))).toEqual(['12:00', '12:30', '14:30', '15:00', '15:30']);
    expect(body.bound).toMatchObject({ code: 'beyond-package-limit', text: 'Sun 26 Apr, 23:00, Berlin (UTC+2)' });
  });

  it('is asked, countered and agreed, each by its own side', async () => {
    const asked = await ask({ scope: 'series', to: { wall: '2026-03-13T15:00' } }, { 'idempotency-key': 'ask-1' });
    expect(asked.status).toBe(201);
    requestId = asked.body.id;
    expect(asked.body).toMatchObject({ scope: 'series', status: 'offered', version: 1, waitingFor: ['tom'], openedBy: { id: 'anna', role: 'student' } });
    expect((await ask({ scope: 'series', to: { wall: '2026-03-13T15:00' } }, { 'idempotency-key': 'ask-1' })).body.id).toBe(requestId);
    expect(await ask({ to: { wall: '2026-03-13T15:00' } })).toMatchObject({ status: 409, body: { code: 'request-open', requestId, offer: 1 } });

    const waiting = async (as: Parameters<TestScheduling['call']>[0]) =>
      (await service.call(as, 'GET', '/v1/requests')).body.items.map(({ id }: { id: string }) => id);
    expect([await waiting(tom), await waiting(anna), await waiting(eve)]).toEqual([[requestId], [], []]);

    const answer = (as: Parameters<TestScheduling['call']>[0], verb: string, body: object, headers = {}): Promise<Answer> =>
      service.call(as, 'POST', `/v1/requests/${requestId}/${verb}`, body, headers);
    expect(await answer(anna, 'approve', { offer: 1 })).toMatchObject({ status: 403, body: { code: 'own-offer' } });
    expect(await answer(eve, 'approve', { offer: 1 })).toMatchObject({ status: 403, body: { code: 'not-a-participant' } });
    const countered = await answer(tom, 'counter', { offer: 1, to: { wall: '2026-03-13T16:00' } }, { 'if-match': asked.headers.get('etag') ?? '' });
    expect(countered).toMatchObject({ status: 200, body: { version: 2, waitingFor: ['anna', 'paul'] } });
    expect(await answer(paul, 'approve', { offer: 2 }, { 'if-match': '"1"' })).toMatchObject({ status: 412, body: { code: 'version-stale', version: 2 } });
    expect(await answer(paul, 'approve', { offer: 1 })).toMatchObject({ status: 409, body: { code: 'offer-superseded', offer: 2 } });
    expect(await answer(paul, 'approve', { offer: 2 })).toMatchObject({ status: 200, body: { status: 'closed', outcome: 'approved' } });
    expect(await answer(paul, 'approve', { offer: 2 })).toMatchObject({ status: 409, body: { code: 'request-closed' } });
    const { body } = await service.call(anna, 'GET', `/v1/packages/${packageId}`);
    expect(body.lessons.map(({ wall }: { wall: string }) => wall)).toEqual([
      '2026-03-13T16:00', '2026-03-20T16:00', '2026-03-27T16:00', '2026-04-03T16:00', '2026-04-10T16:00',
    ]);
  });

  it('leaves an audit trail and a calendar', async () => {
    const trail = await service.call(paul, 'GET', `/v1/packages/${packageId}/transitions`);
    expect(trail.body.items.map(({ type, by }: { type: string; by: { id: string } }) => `${by.id} ${type}`)).toEqual([
      'mia package.sold', 'anna move.requested', 'tom move.countered', 'paul move.approved',
    ]);
    const { path } = (await service.call(anna, 'POST', '/v1/participants/anna/calendar-key')).body;
    const feed = await service.call(null, 'GET', path);
    expect(feed).toMatchObject({ status: 200, type: 'text/calendar' });
    expect(feed.body.match(/BEGIN:VEVENT/g)).toHaveLength(5);
    expect(feed.body).toContain(`UID:${lessonIds[0]}@schoolbell\r\nSEQUENCE:2\r\nDTSTAMP:20260302T090000Z\r\nDTSTART:20260313T150000Z\r\nDTEND:20260313T160000Z\r\nSTATUS:CONFIRMED`);
    await service.call(anna, 'POST', '/v1/participants/anna/calendar-key');
    expect(await service.call(null, 'GET', path)).toMatchObject({ status: 404 });
    expect(await service.call(eve, 'GET', `/v1/packages/${packageId}/transitions`)).toMatchObject({ status: 403 });
  });

  it('gives out a calendar address once for a key, and keeps it nowhere', async () => {
    const renew = (key: string, as = anna) => service.call(as, 'POST', '/v1/participants/anna/calendar-key', undefined, { 'idempotency-key': key });
    const first = await renew('feed-1');
    expect(first.status).toBe(201);
    const again = await Promise.all([renew('feed-1'), renew('feed-1')]);
    expect(again.map(({ status, body }) => [status, body.code])).toEqual([[409, 'calendar-key-told'], [409, 'calendar-key-told']]);
    expect(await service.call(null, 'GET', first.body.path)).toMatchObject({ status: 200 });
    const secret = first.body.path.split('/').at(-1).replace('.ics', '');
    const kept = await service.sql<{ row: string }>('SELECT idempotency::text AS row FROM idempotency UNION ALL SELECT participant::text FROM participant');
    expect(kept.filter(({ row }) => row.includes(secret))).toEqual([]);
    expect(await renew('feed-2')).toMatchObject({ status: 201 });
    expect(await service.call(null, 'GET', first.body.path)).toMatchObject({ status: 404 });
  });

  it('expires by the clock, without anybody asking', async () => {
    const [last] = lessonIds.slice(-1);
    const asked = await service.call(tom, 'POST', `/v1/lessons/${last}/requests`, { to: { wall: '2026-04-09T10:00' } });
    expect(asked.status).toBe(201);
    service.clock.set('2026-04-09T07:50:00.000Z');
    const lesson = await waitFor('the poller declines the offer', async () => {
      const { body } = await service.call(mia, 'GET', `/v1/lessons/${last}`);
      return body.status === 'awaiting' && body;
    });
    expect(lesson.next).toMatchObject({ kind: 'follow-up', at: '2026-04-10T07:50:00.000Z' });
    const awaiting = await service.call(mia, 'GET', '/v1/awaiting');
    expect(awaiting.body.items.map(({ id }: { id: string }) => id)).toEqual([last]);
    expect(await service.call(tom, 'GET', '/v1/awaiting')).toMatchObject({ status: 403 });
    const id = asked.body.id;
    expect(await service.call(anna, 'POST', `/v1/requests/${id}/propose`, { to: { wall: '2026-04-16T10:00' } })).toMatchObject({ status: 200, body: { version: 3 } });
    expect(await service.call(anna, 'POST', `/v1/requests/${id}/restore`, {})).toMatchObject({ status: 409, body: { code: 'offer-open' } });
    expect(await service.call(paul, 'POST', `/v1/requests/${id}/withdraw`, {})).toMatchObject({ status: 200, body: { outcome: 'withdrawn' } });
  });
});

describe('bad input', () => {
  const person = (id: string, zone: unknown, as: Parameters<TestScheduling['call']>[0] = admin) =>
    service.call(as, 'PUT', `/v1/participants/${id}`, { role: 'student', zone, locale: 'en' });

  it.each(['Mars/Olympus', 'UTC', 'UTC+3', 'europe/berlin', 'EST', 'Etc/GMT+3', '', 7])('refuses the zone %j', async (zone) => {
    expect(await person('x', zone)).toMatchObject({ status: 422, body: { code: 'body-invalid', errors: [{ pointer: '/zone' }] } });
  });
  it('refuses a language that is none', async () => {
    for (const locale of ['xx', 'zh-Hans-CN', `en-${'aaaaaaaa-'.repeat(25_000)}b`, 'english language']) {
      const status = locale.length < 20 && !locale.includes(' ') ? 200 : 422;
      expect(await service.call(admin, 'PUT', '/v1/participants/x', { role: 'student', zone: 'Europe/Berlin', locale }), locale.slice(0, 20)).toMatchObject({ status });
    }
  });
  it.each(['2027-02-29T10:00', '2026-11-25T24:30', '2026-11-31T10:00', '2026-11-25', '1969-01-01T10:00', '2500-01-01T10:00', '2026-03-08T10:00Z'])(
    'refuses the time %s',
    async (wall) => {
      expect(await service.call(anna, 'POST', `/v1/lessons/${lessonIds[4]}/requests`, { to: { wall } }))
        .toMatchObject({ status: 422, body: { errors: [{ pointer: '/to/wall' }] } });
    },
  );
  it('refuses times that a rule forbids, each with its code', async () => {
    const ask = async (wall: string) => {
      const { status, body } = await service.call(anna, 'POST', `/v1/lessons/${lessonIds[4]}/requests`, { to: { wall } });
      return [status, body.code];
    };
    expect(await ask('2026-01-01T10:00')).toEqual([422, 'offer-in-past']);
    expect(await ask('2026-12-01T10:00')).toEqual([422, 'beyond-package-limit']);
    expect(await ask('2026-04-10T16:00')).toEqual([422, 'offer-same-time']);
  });
  it('lets in only valid tokens, and nobody to what is not theirs', async () => {
    expect(await service.call(null, 'GET', `/v1/lessons/${lessonIds[0]}`)).toMatchObject({ status: 401, body: { code: 'token-invalid' } });
    const forged = { authorization: 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJyb290Iiwicm9sZSI6ImFkbWluIiwiZXhwIjo5OTk5OTk5OTk5fQ.' };
    expect(await service.call(null, 'GET', `/v1/lessons/${lessonIds[0]}`, undefined, forged)).toMatchObject({ status: 401 });
    expect(await service.call(eve, 'GET', `/v1/lessons/${lessonIds[0]}`)).toMatchObject({ status: 403 });
    expect(await service.call(anna, 'POST', '/v1/packages', order())).toMatchObject({ status: 403, body: { code: 'not-allowed' } });
    expect(await service.call(anna, 'PUT', '/v1/participants/tom', { role: 'teacher', zone: 'Europe/Berlin', locale: 'en' })).toMatchObject({ status: 403 });
    expect(await person('anna', 'Europe/Moscow', anna)).toMatchObject({ status: 200, body: { zone: 'Europe/Moscow' } });
  });
  it('knows nothing of what there is not', async () => {
    const id = '00000000-0000-4000-8000-000000000000';
    for (const [method, path, body] of [
      ['GET', `/v1/lessons/${id}`], ['GET', `/v1/requests/${id}`], ['GET', `/v1/packages/${id}`], ['POST', `/v1/requests/${id}/withdraw`, {}],
      ['POST', `/v1/lessons/${id}/requests`, { to: { wall: '2026-05-01T10:00' } }], ['POST', `/v1/lessons/${id}/preview`, { to: { wall: '2026-05-01T10:00' } }],
    ] as const) {
      expect(await service.call(anna, method, path, body), path).toMatchObject({ status: 404 });
    }
    expect(await service.call(anna, 'GET', '/v1/lessons/no-uuid')).toMatchObject({ status: 400 });
    expect(await service.call(mia, 'POST', '/v1/packages', order({ teacherId: 'nobody' }))).toMatchObject({ status: 404 });
  });
});

describe('who is in a package', () => {
  let group: string;
  it('a group is joined and left; open offers end, and below two the partners are asked', async () => {
    for (const id of ['bob', 'carl', 'dora']) await service.call(admin, 'PUT', `/v1/participants/${id}`, { role: 'student', zone: 'Europe/Berlin', locale: 'en' });
    const seats = ['bob', 'carl'].map((studentId) => ({ studentId, partnerId: 'paul' }));
    const sold = await service.call(mia, 'POST', '/v1/packages', order({ kind: 'group', seats, startDate: '2026-05-04', slots: [{ weekday: 1, time: '09:00' }] }));
    expect(sold.status).toBe(201);
    group = sold.body.id;
    const asked = await service.call(paul, 'POST', `/v1/lessons/${sold.body.lessonIds[0]}/requests`, { to: { wall: '2026-05-05T09:00' } });
    expect(asked.body).toMatchObject({ waitingFor: ['tom'] });
    const joined = await service.call(mia, 'POST', `/v1/packages/${group}/seats`, { studentId: 'dora', partnerId: 'paul' });
    expect(joined.body.seats.map(({ studentId }: { studentId: string }) => studentId)).toEqual(['bob', 'carl', 'dora']);
    expect((await service.call(paul, 'GET', `/v1/requests/${asked.body.id}`)).body).toMatchObject({ status: 'closed', outcome: 'closed' });
    expect(await service.sql("SELECT FROM slot_claim WHERE participant_id = 'dora'")).toHaveLength(5);
    expect(await service.call(mia, 'POST', `/v1/packages/${group}/seats`, { studentId: 'dora', partnerId: 'paul' })).toMatchObject({ status: 422, body: { code: 'seat-taken' } });
    for (const id of ['dora', 'carl']) expect(await service.call(mia, 'POST', `/v1/packages/${group}/seats/${id}/leave`)).toMatchObject({ status: 200 });
    expect(await service.sql("SELECT FROM slot_claim WHERE participant_id IN ('carl', 'dora')")).toHaveLength(0);
    const trail = await service.call(mia, 'GET', `/v1/packages/${group}/transitions`);
    expect(trail.body.items.map(({ type }: { type: string }) => type).slice(-5)).toEqual([
      'move.closed', 'package.seat-joined', 'package.seat-left', 'package.seat-left', 'package.too-small',
    ]);
  });
  it('another teacher must be under contract and free', async () => {
    const replaced = () => service.call(mia, 'POST', `/v1/packages/${group}/teacher`, { teacherId: 'tina' });
    expect(await replaced()).toMatchObject({ status: 409, body: { code: 'package-collides', lessons: [{ codes: ['beyond-contract-end'] }, {}, {}, {}, {}] } });
    await service.call(mia, 'POST', '/v1/contracts', { teacherId: 'tina', zone: 'Europe/Berlin', firstDay: '2026-01-01' });
    expect(await replaced()).toMatchObject({ status: 200, body: { teacherId: 'tina' } });
    const range = 'from=2026-05-01T00:00:00Z&to=2026-07-01T00:00:00Z';
    expect((await service.call(['tina', 'teacher'], 'GET', `/v1/lessons?${range}`)).body.items).toHaveLength(5);
    expect((await service.call(tom, 'GET', `/v1/lessons?${range}`)).body.items).toHaveLength(0);
    expect(await service.sql("SELECT FROM slot_claim WHERE participant_id = 'tina'")).toHaveLength(5);
  });
  it('a shortened contract lists the booked lessons that it no longer covers', async () => {
    const { body } = await service.call(mia, 'GET', '/v1/teachers/tina/contracts');
    // One that is being moved may go back to its old time: it is listed too.
    const moved = (await service.sql<{ id: string }>("SELECT id FROM lesson WHERE teacher_id = 'tina' ORDER BY starts_at OFFSET 3 LIMIT 1"))[0]?.id;
    expect(await service.call(['tina', 'teacher'], 'POST', `/v1/lessons/${moved}/requests`, { to: { wall: '2026-05-12T10:00' } })).toMatchObject({ status: 201 });
    const shortened = await service.call(mia, 'PUT', `/v1/contracts/${body.items[0].id}/last-day`, { lastDay: '2026-05-18' });
    expect(shortened.body.uncovered.map(({ start }: { start: string }) => start)).toEqual(['2026-05-25T07:00:00.000Z', '2026-06-01T07:00:00.000Z']);
    expect((await service.sql<{ type: string }>("SELECT type FROM transition ORDER BY id DESC LIMIT 1"))[0]?.type).toBe('lesson.uncovered');
    const later = () => service.call(['tina', 'teacher'], 'GET', '/v1/teachers/tina/uncovered-lessons');
    expect((await later()).body.items).toEqual(shortened.body.uncovered);
    expect(await service.call(tom, 'GET', '/v1/teachers/tina/uncovered-lessons')).toMatchObject({ status: 403 });
    await service.call(mia, 'POST', '/v1/contracts', { teacherId: 'tina', zone: 'Europe/Berlin', firstDay: '2026-05-19' });
    expect((await later()).body.items).toEqual([]);
  });
});
