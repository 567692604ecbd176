import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '@schoolbell/testing';
import { startTestScheduling, type Answer, type TestScheduling } from './service.ts';

/** What happens to a package as a whole, over HTTP: it rests, goes on, ends; people come, go and are replaced. */
const admin = ['root', 'admin'] as const;
const mia = ['mia', 'manager'] as const;
const tom = ['tom', 'teacher'] as const;
const anna = ['anna', 'student'] as const;
const paul = ['paul', 'partner'] as const;

let service: TestScheduling;
beforeAll(async () => {
  service = await startTestScheduling('2026-03-02T09:00:00.000Z');
  for (const [id, role] of [
    ['mia', 'manager'], ['tom', 'teacher'], ['tina', 'teacher'], ['anna', 'student'], ['bob', 'student'], ['carl', 'student'], ['paul', 'partner'], ['petra', 'partner'],
  ]) await service.call(admin, 'PUT', `/v1/participants/${id}`, { role, zone: 'Europe/Berlin', locale: 'en' });
  for (const teacherId of ['tom', 'tina']) await service.call(mia, 'POST', '/v1/contracts', { teacherId, zone: 'Europe/Berlin', firstDay: '2026-01-01' });
});
afterAll(async () => {
  await service?.stop();
  expect(service?.errors).toEqual([]);
});

const order = (more: object = {}) => ({
  kind: 'individual', zone: 'Europe/Berlin', teacherId: 'tom', seats: [{ studentId: 'anna', partnerId: 'paul' }],
  startDate: '2026-03-09', weeks: 3, slots: [{ weekday: 3, time: '14:30' }], minutes: 60, ...more,
});
const sell = async (more: object = {}): Promise<{ id: string; lessonIds: string[] }> => {
  const { status, body } = await service.call(mia, 'POST', '/v1/packages', order(more));
  expect([status, body.code]).toEqual([201, undefined]);
  return body;
};
const post = (as: Parameters<TestScheduling['call']>[0], path: string, body?: object, headers?: Record<string, string>) => service.call(as, 'POST', path, body, headers);
const trail = async (id: string): Promise<string[]> =>
  (await service.call(mia, 'GET', `/v1/packages/${id}/transitions`)).body.items.map(({ type }: { type: string }) => type);
const lesson = async (id: string) => (await service.call(mia, 'GET', `/v1/lessons/${id}`)).body;

describe('a package that rests', () => {
  let id: string;
  let lessonIds: string[];
  it('ends what is open, moves nothing, and holds no lesson that comes to its start', async () => {
    ({ id, lessonIds } = await sell());
    const asked = await post(anna, `/v1/lessons/${lessonIds[0]}/requests`, { to: { wall: '2026-03-12T10:00' } });
    const reason = { reason: 'holidays' };
    expect(await post(anna, `/v1/packages/${id}/freeze`, reason)).toMatchObject({ status: 403 });
    expect(await post(mia, `/v1/packages/${id}/freeze`, reason, { 'if-match': '"7"' })).toMatchObject({ status: 412, body: { code: 'version-stale', version: 1 } });
    expect(await post(mia, `/v1/packages/${id}/freeze`, reason, { 'if-match': '"1"' })).toMatchObject({ status: 200, body: { state: 'frozen', version: 2 } });
    expect(await post(mia, `/v1/packages/${id}/freeze`, reason)).toMatchObject({ status: 409, body: { code: 'package-frozen' } });
    expect((await service.call(anna, 'GET', `/v1/requests/${asked.body.id}`)).body).toMatchObject({ status: 'closed', outcome: 'closed' });
    expect(await post(anna, `/v1/lessons/${lessonIds[0]}/requests`, { to: { wall: '2026-03-12T10:00' } })).toMatchObject({ status: 409, body: { code: 'package-frozen' } });
    const free = `/v1/lessons/${lessonIds[0]}/free-times?from=2026-03-12T00:00:00Z&to=2026-03-13T00:00:00Z`;
    expect(await service.call(anna, 'GET', free)).toMatchObject({ status: 409, body: { code: 'package-frozen' } });

    service.clock.set('2026-03-11T13:30:00.000Z');
    const suspended = await waitFor('the lesson is suspended', async () => {
      const found = await lesson(lessonIds[0] as string);
      return found.status === 'awaiting' && found;
    });
    expect(suspended.next).toMatchObject({ kind: 'lapse' });
    expect(await post(tom, `/v1/requests/${suspended.requestId}/propose`, { to: { wall: '2026-03-13T10:00' } })).toMatchObject({ status: 409 });
  });
  it('goes on: what awaits is followed up and can be given a time', async () => {
    expect(await post(mia, `/v1/packages/${id}/resume`)).toMatchObject({ status: 200, body: { state: 'active', version: 3 } });
    expect(await post(mia, `/v1/packages/${id}/resume`)).toMatchObject({ status: 409, body: { code: 'package-not-frozen' } });
    const { requestId, next } = await lesson(lessonIds[0] as string);
    expect(next).toMatchObject({ kind: 'follow-up' });
    expect((await lesson(lessonIds[1] as string)).next).toMatchObject({ kind: 'complete' });
    expect(await post(tom, `/v1/requests/${requestId}/propose`, { to: { wall: '2026-03-13T10:00' } })).toMatchObject({ status: 200 });
  });
  it('is cancelled with every lesson ahead; its slots are free, nothing is left to do, and it is told', async () => {
    const key = { 'idempotency-key': 'refund-1' };
    const cancelled = await post(mia, `/v1/packages/${id}/cancel`, { reason: 'refunded' }, key);
    expect(cancelled).toMatchObject({ status: 200, body: { state: 'cancelled' } });
    expect((await post(mia, `/v1/packages/${id}/cancel`, { reason: 'refunded' }, key)).body).toEqual(cancelled.body);
    expect(await post(mia, `/v1/packages/${id}/cancel`, { reason: 'refunded' })).toMatchObject({ status: 409, body: { code: 'package-not-active' } });
    const rows = await service.sql<{ status: string; next: Date | null }>('SELECT status, next_action_at AS next FROM lesson WHERE package_id = $1', [id]);
    expect(rows.every(({ status, next }) => status === 'cancelled' && next === null)).toBe(true);
    expect(await service.sql("SELECT FROM move_request WHERE package_id = $1 AND status <> 'closed'", [id])).toEqual([]);
    expect(await service.sql('SELECT FROM slot_claim JOIN lesson ON lesson.id = lesson_id WHERE package_id = $1', [id])).toEqual([]);
    expect(await trail(id)).toEqual([
      'package.sold', 'move.requested', 'move.closed', 'package.frozen', 'lesson.suspended', 'package.resumed', 'move.proposed', 'move.closed', 'package.cancelled',
    ]);
    await sell({ startDate: '2026-03-16' });
  });
});

describe('who is in it', () => {
  it('nobody new joins or takes over while they are busy at a slot that a moved lesson may go back to', async () => {
    const group = await sell({ kind: 'group', seats: [{ studentId: 'bob', partnerId: 'paul' }, { studentId: 'anna', partnerId: 'petra' }], slots: [{ weekday: 1, time: '09:00' }], startDate: '2026-03-16', weeks: 1 });
    const asked = await post(paul, `/v1/lessons/${group.lessonIds[0]}/requests`, { to: { wall: '2026-03-17T09:00' } });
    const other = await sell({ teacherId: 'tina', seats: [{ studentId: 'carl', partnerId: 'paul' }], slots: [{ weekday: 1, time: '09:30' }], startDate: '2026-03-16', weeks: 1 });
    const joins = () => post(mia, `/v1/packages/${group.id}/seats`, { studentId: 'carl', partnerId: 'paul' });
    expect(await joins()).toMatchObject({ status: 409, body: { code: 'package-collides', lessons: [{ codes: ['student-busy'] }] } });
    expect(await post(mia, `/v1/packages/${group.id}/teacher`, { teacherId: 'tina' })).toMatchObject({ status: 409, body: { lessons: [{ codes: ['teacher-busy'] }] } });
    // A refusal has ended no offer.
    expect((await service.call(paul, 'GET', `/v1/requests/${asked.body.id}`)).body).toMatchObject({ status: 'offered' });

    await post(mia, `/v1/packages/${other.id}/cancel`, { reason: 'moved' });
    expect(await joins()).toMatchObject({ status: 200, body: { version: 2 } });
    expect((await service.call(paul, 'GET', `/v1/requests/${asked.body.id}`)).body).toMatchObject({ status: 'closed' });
    const again = await post(paul, `/v1/lessons/${group.lessonIds[0]}/requests`, { to: { wall: '2026-03-17T09:00' } });
    expect(await post(mia, `/v1/packages/${group.id}/teacher`, { teacherId: 'tina' })).toMatchObject({ status: 200, body: { teacherId: 'tina' } });
    expect((await service.call(paul, 'GET', `/v1/requests/${again.body.id}`)).body).toMatchObject({ status: 'closed' });
    expect((await trail(group.id)).slice(-2)).toEqual(['move.closed', 'package.teacher-replaced']);
  });
  it('nor at the old slot of a lesson on offer that does not hold it, if it would go back there', async () => {
    const group = await sell({ kind: 'group', seats: [{ studentId: 'bob', partnerId: 'paul' }, { studentId: 'anna', partnerId: 'petra' }], slots: [{ weekday: 6, time: '09:00' }], startDate: '2026-03-16', weeks: 1 });
    await post(paul, `/v1/lessons/${group.lessonIds[0]}/requests`, { to: { wall: '2026-03-22T09:00' } });
    await service.sql('UPDATE lesson SET holds_original = false WHERE id = $1', [group.lessonIds[0]]);
    await service.sql("DELETE FROM slot_claim WHERE lesson_id = $1 AND lower(during) = '2026-03-21T08:00:00Z'", [group.lessonIds[0]]);
    const other = await sell({ teacherId: 'tina', seats: [{ studentId: 'carl', partnerId: 'paul' }], slots: [{ weekday: 6, time: '09:30' }], startDate: '2026-03-16', weeks: 1 });
    expect(await post(mia, `/v1/packages/${group.id}/seats`, { studentId: 'carl', partnerId: 'paul' })).toMatchObject({ status: 409, body: { code: 'package-collides', lessons: [{ codes: ['student-busy'] }] } });
    expect(await post(mia, `/v1/packages/${group.id}/teacher`, { teacherId: 'tina' })).toMatchObject({ status: 409, body: { lessons: [{ codes: ['teacher-busy'] }] } });
    for (const { id } of [group, other]) await post(mia, `/v1/packages/${id}/cancel`, { reason: 'done' });
  });
  it('a lesson that has begun stays with those who are in it', async () => {
    const group = await sell({ kind: 'group', seats: ['anna', 'bob'].map((studentId) => ({ studentId, partnerId: 'paul' })), slots: [{ weekday: 3, time: '18:00' }], startDate: '2026-03-16', weeks: 2 });
    // Tina and Carl are busy while the lesson runs.
    const other = await sell({ teacherId: 'tina', seats: [{ studentId: 'carl', partnerId: 'paul' }], slots: [{ weekday: 3, time: '18:15' }], startDate: '2026-03-16', weeks: 1 });
    service.clock.set('2026-03-18T17:30:00.000Z');
    expect(await post(mia, `/v1/packages/${group.id}/teacher`, { teacherId: 'tina' })).toMatchObject({ status: 200 });
    expect(await post(mia, `/v1/packages/${group.id}/seats/bob/leave`)).toMatchObject({ status: 200 });
    expect(await post(mia, `/v1/packages/${group.id}/seats`, { studentId: 'carl', partnerId: 'petra' })).toMatchObject({ status: 200 });
    const held = async (index: number) => (await service.sql<{ id: string }>('SELECT participant_id AS id FROM slot_claim WHERE lesson_id = $1 ORDER BY 1', [group.lessonIds[index]])).map(({ id }) => id);
    expect([await held(0), await held(1)]).toEqual([['anna', 'bob', 'tom'], ['anna', 'carl', 'tina']]);
    service.clock.set('2026-03-18T18:15:00.000Z');
    await waitFor('it is over', async () => (await lesson(group.lessonIds[0] as string)).status === 'completed');
    expect(await held(0)).toEqual([]);
    for (const { id } of [group, other]) await post(mia, `/v1/packages/${id}/cancel`, { reason: 'done' });
  });
  it('who has left a group sees what they were there for and nothing that came after', async () => {
    const group = await sell({ kind: 'group', teacherId: 'tina', seats: [{ studentId: 'bob', partnerId: 'paul' }, { studentId: 'carl', partnerId: 'petra' }], slots: [{ weekday: 4, time: '09:00' }], startDate: '2026-03-16', weeks: 2 });
    service.clock.set('2026-03-20T09:00:00.000Z');
    expect(await post(mia, `/v1/packages/${group.id}/seats/carl/leave`)).toMatchObject({ status: 200 });
    const carl = ['carl', 'student'] as const;
    expect(await service.call(carl, 'GET', `/v1/lessons/${group.lessonIds[0]}`)).toMatchObject({ status: 200 });
    expect(await service.call(carl, 'GET', `/v1/lessons/${group.lessonIds[1]}`)).toMatchObject({ status: 403 });
    expect(await service.call(carl, 'GET', `/v1/packages/${group.id}`)).toMatchObject({ status: 403 });
    expect((await service.call(carl, 'GET', '/v1/packages')).body.items.map(({ id }: { id: string }) => id)).not.toContain(group.id);
    expect((await trail(group.id)).slice(-2)).toEqual(['package.seat-left', 'package.too-small']);
    // It waits for a decision until the manager has made one.
    const waiting = async (as = mia as Parameters<TestScheduling['call']>[0]) =>
      (await service.call(as, 'GET', '/v1/packages?tooSmall=true')).body.items.map(({ id }: { id: string }) => id);
    expect(await waiting()).toEqual([group.id]);
    expect((await service.call(mia, 'GET', `/v1/packages/${group.id}`)).body.tooSmall).toEqual({ since: '2026-03-20T09:00:00.000Z', askedAgainAt: '2026-03-21T09:00:00.000Z' });
    expect(await post(['paul', 'partner'], `/v1/packages/${group.id}/accept-size`)).toMatchObject({ status: 403 });
    expect(await post(mia, `/v1/packages/${group.id}/accept-size`)).toMatchObject({ status: 200, body: { tooSmall: null } });
    expect(await post(mia, `/v1/packages/${group.id}/accept-size`)).toMatchObject({ status: 409, body: { code: 'group-not-small' } });
    expect(await waiting()).toEqual([]);
  });
});

describe('who did not come', () => {
  it('is kept with who said so: in the lesson, the event and the audit trail', async () => {
    const { id, lessonIds } = await sell({ kind: 'group', teacherId: 'tina', seats: [{ studentId: 'bob', partnerId: 'paul' }, { studentId: 'carl', partnerId: 'petra' }], slots: [{ weekday: 2, time: '09:00' }], startDate: '2026-03-23', weeks: 1 });
    service.clock.set('2026-03-24T08:10:00.000Z');
    const outcome = (as: Parameters<TestScheduling['call']>[0], body: object) => post(as, `/v1/lessons/${lessonIds[0]}/outcome`, body);
    const tina = ['tina', 'teacher'] as const;
    expect(await outcome(tina, { outcome: 'missed' })).toMatchObject({ status: 422, body: { code: 'body-invalid', errors: [{ pointer: '/absent' }] } });
    expect(await outcome(tina, { outcome: 'missed', absent: ['anna'] })).toMatchObject({ status: 422, body: { code: 'absent-unknown' } });
    expect(await outcome(tina, { outcome: 'missed', absent: ['bob'] })).toMatchObject({ status: 200, body: { status: 'scheduled' } });
    expect(await outcome(['petra', 'partner'], { outcome: 'missed', absent: ['tina'] })).toMatchObject({ status: 200, body: { status: 'missed' } });
    expect(await outcome(tina, { outcome: 'missed', absent: ['bob'] })).toMatchObject({ status: 409, body: { code: 'already-reported' } });
    const byTina = { id: 'tina', role: 'teacher' };
    const byPetra = { id: 'petra', role: 'partner' };
    expect(await lesson(lessonIds[0] as string)).toMatchObject({
      status: 'missed', absences: [
        { participantId: 'bob', role: 'student', reportedBy: byTina, reportedAt: '2026-03-24T08:10:00.000Z' },
        { participantId: 'tina', role: 'teacher', reportedBy: byPetra },
      ],
    });
    const absent = [{ id: 'bob', role: 'student', reportedBy: byTina }, { id: 'tina', role: 'teacher', reportedBy: byPetra }];
    const { body } = await service.call(mia, 'GET', `/v1/packages/${id}/transitions`);
    expect(body.items.at(-1)).toMatchObject({ type: 'lesson.missed', by: byPetra, body: { absent } });
    const [told] = await service.sql<{ body: string }>("SELECT body FROM outbox WHERE subject = 'scheduling.lesson.missed' ORDER BY id DESC LIMIT 1");
    expect(JSON.parse(told?.body ?? '').data).toMatchObject({ by: byPetra, absent });
  });
});

describe('at the same moment, over HTTP', () => {
  it('50 clients answer one request: one wins, the others get a clear conflict', async () => {
    const { lessonIds } = await sell({ startDate: '2026-04-06', slots: [{ weekday: 5, time: '10:00' }] });
    const asked = await post(tom, `/v1/lessons/${lessonIds[0]}/requests`, { to: { wall: '2026-04-13T12:00' } });
    // Where the machine is so slow that no connection is free for seconds, a client hears 503 and repeats.
    const answer = async (index: number): Promise<Answer> => {
      for (;;) {
        const given = await post(index % 2 === 0 ? anna : paul, `/v1/requests/${asked.body.id}/${index % 3 === 0 ? 'decline' : 'approve'}`, { offer: 1 });
        if (given.status !== 503) return given;
      }
    };
    const answers = await Promise.all(Array.from({ length: 50 }, (_, index) => answer(index)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status !== 200).map(({ status, body }) => `${status} ${body.code}`))
      .toEqual(Array.from({ length: 49 }, () => '409 request-closed'));
  });
});

describe('bad input', () => {
  const counts = () => service.sql<{ packages: number; lessons: number; claims: number; events: number }>(
    `SELECT (SELECT count(*)::int FROM package) AS packages, (SELECT count(*)::int FROM lesson) AS lessons,
            (SELECT count(*)::int FROM slot_claim) AS claims, (SELECT count(*)::int FROM outbox) AS events`);
  it.each([
    ['105 weeks', { weeks: 105 }, '/weeks'], ['eight slots', { slots: Array.from({ length: 8 }, () => ({ weekday: 1, time: '20:00' })) }, '/slots'],
    ['24:30', { slots: [{ weekday: 1, time: '24:30' }] }, '/slots/0/time'], ['weekday 8', { slots: [{ weekday: 8, time: '10:00' }] }, '/slots/0/weekday'],
    ['29 February of a common year', { startDate: '2027-02-29' }, '/startDate'], ['an unknown zone', { zone: 'Europe/Atlantis' }, '/zone'],
    ['nine hours', { minutes: 540 }, '/minutes'], ['seven seats', { seats: Array.from({ length: 7 }, () => ({ studentId: 'anna', partnerId: 'paul' })) }, '/seats'],
    ['a name', { name: 'Anna' }, '/name'],
  ])('a package with %s is refused, and nothing of it is written', async (_what, more, pointer) => {
    const before = await counts();
    expect(await post(mia, '/v1/packages', order(more))).toMatchObject({ status: 422, body: { code: 'body-invalid', errors: [{ pointer }] } });
    expect(await counts()).toEqual(before);
  });
  it('dates at the end of the zone rules are refused wherever they are asked for', async () => {
    const { lessonIds } = await sell({ startDate: '2026-05-11', weeks: 2, slots: [{ weekday: 1, time: '07:00' }] });
    const before = await counts();
    const contract = { teacherId: 'tom', zone: 'Pacific/Kiritimati', firstDay: '2026-01-01', lastDay: '2199-12-31' };
    for (const [pointer, path, body] of [
      ['/startDate', '/v1/packages', order({ startDate: '2199-12-01' })], ['/lastDay', '/v1/contracts', contract],
      ['/lastDay', `/v1/lessons/${lessonIds[0]}/limit`, { lastDay: '2190-01-01', zone: 'Europe/Berlin' }],
      ['/to/wall', `/v1/lessons/${lessonIds[0]}/preview`, { scope: 'series', to: { wall: '2199-12-31T23:50' } }],
    ] as const) expect(await post(mia, path, body), path).toMatchObject({ status: 422, body: { code: 'body-invalid', errors: [{ pointer }] } });
    const far = await post(mia, '/v1/packages', order({ startDate: '2189-12-31', weeks: 104, reserveWeeks: 104 }));
    expect(far).toMatchObject({ status: 201 });
    expect(await post(mia, `/v1/packages/${far.body.id}/cancel`, { reason: 'far' })).toMatchObject({ status: 200 });
    const asked = await post(anna, `/v1/lessons/${lessonIds[0]}/requests`, { scope: 'series', to: { wall: '2189-12-31T23:50' } });
    expect(asked).toMatchObject({ status: 409, body: { code: 'lessons-break-rules' } });
    expect((await counts())[0]).toMatchObject({ claims: before[0]?.claims });
  });
  it('a package of two years of days is sold as a whole, and refused as a whole when its last lesson collides', async () => {
    const huge = { teacherId: 'tina', seats: [{ studentId: 'carl', partnerId: 'petra' }], startDate: '2026-04-06', weeks: 104, slots: [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, time: '20:00' })) };
    const { lessonIds } = await sell(huge);
    expect(lessonIds).toHaveLength(728);
    const before = await counts();
    const refused = await post(mia, '/v1/packages', order({ ...huge, weeks: 1, startDate: '2028-03-27' }));
    expect(refused).toMatchObject({ status: 409, body: { code: 'package-collides' } });
    expect(await counts()).toEqual(before);
  });
  it('a contract cannot end before it begins, and a reason is one line of text', async () => {
    const { body } = await service.call(mia, 'GET', '/v1/teachers/tom/contracts');
    expect(await service.call(mia, 'PUT', `/v1/contracts/${body.items[0].id}/last-day`, { lastDay: '2025-12-31' }))
      .toMatchObject({ status: 422, body: { code: 'contract-ends-before-it-begins' } });
    const { lessonIds } = await sell({ startDate: '2026-05-04', weeks: 1 });
    expect(await post(anna, `/v1/lessons/${lessonIds[0]}/cancel`, { reason: 'a\u0000b' })).toMatchObject({ status: 422, body: { errors: [{ pointer: '/reason' }] } });
    expect(await post(mia, '/v1/packages', order({ teacherId: 'anna' }))).toMatchObject({ status: 404, body: { code: 'participant-unknown', detail: 'anna is no teacher.' } });
  });
});

it('requests are listed page by page, those that wait for me even where others lie between', async () => {
  const ids: string[] = [];
  for (const [index, time] of ['08:00', '09:30', '11:00'].entries()) {
    const { lessonIds } = await sell({ startDate: '2026-06-01', weeks: 1, slots: [{ weekday: 2, time }] });
    service.clock.advance(1);
    const asked = await post(index === 1 ? tom : anna, `/v1/lessons/${lessonIds[0]}/requests`, { to: { wall: `2026-06-0${index + 3}T15:00` } });
    ids.push(asked.body.id);
  }
  const pages = async (as: Parameters<TestScheduling['call']>[0], query: string): Promise<string[]> => {
    const found: string[] = [];
    for (let next: string | null = ''; next !== null; ) {
      const { body } = await service.call(as, 'GET', `/v1/requests?limit=1&${query}${next === '' ? '' : `&after=${next}`}`);
      found.push(...body.items.map(({ id }: { id: string }) => id));
      next = body.next;
    }
    return found;
  };
  expect(await pages(tom, 'waiting=me')).toEqual([ids[0], ids[2]]);
  expect(await pages(anna, 'waiting=me')).toEqual([ids[1]]);
  expect(await pages(paul, 'waiting=all')).toEqual(ids);
  expect(await service.call(tom, 'GET', '/v1/requests?after=x')).toMatchObject({ status: 400, body: { code: 'cursor-invalid' } });
});
