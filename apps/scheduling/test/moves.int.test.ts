import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { classifyDatabaseError, createLogger } from '@schoolbell/service-kit';
import { parseInstant } from '@schoolbell/time';
import { sweep } from '../src/deadlines/deadlines.ts';
import type { Command } from '../src/moves/commands.ts';
import type { Lesson } from '../src/moves/state.ts';
import type { Performed } from '../src/store/perform.ts';
import { poll } from '../src/store/poll.ts';
import { saveChanges } from '../src/store/save.ts';
import { lessonsById } from '../src/store/scenes.ts';
import { BEGIN, openParts, type Parts } from './database.ts';
import { DAY, partner, student, teacher } from './scene.ts';

let parts: Parts;
beforeAll(async () => {
  parts = await openParts();
});
beforeEach(async () => {
  await parts.clear();
  parts.clock.set(BEGIN);
  await parts.teacher('tom');
  await parts.person('anna', 'student', 'America/New_York');
  await parts.person('paul', 'partner');
});
afterAll(() => parts?.close());

const ask = (lessonId: string, wall: string, more: Partial<Extract<Command, { type: 'request' }>> = {}) =>
  ({ type: 'request', requestId: randomUUID(), scope: 'lesson', lessonId, to: { wall }, without: [], by: student, ...more }) as const;
const done = async (command: Command): Promise<Performed> => {
  const performed = await parts.run(command);
  if (!('scene' in performed)) throw new Error(JSON.stringify(performed));
  return performed;
};
const lessonRow = async (id: string) =>
  (await parts.sql<{ status: string; startsAt: Date; kind: string; at: Date; requestId: string | null }>(
    'SELECT status, starts_at AS "startsAt", next_action_kind AS kind, next_action_at AS at, request_id AS "requestId" FROM lesson WHERE id = $1', [id]))[0];
const claims = async () => (await parts.sql<{ p: string; at: Date; own: boolean; row: string }>(
  `SELECT participant_id AS p, lower(during) AS at, claim = lesson_id AS own, slot_claim.ctid::text AS row FROM slot_claim ORDER BY at, p`));
const heldAt = async (instant: string) => (await claims()).filter(({ at }) => at.getTime() === Date.parse(instant));
const told = async () => (await parts.sql<{ type: string }>('SELECT type FROM transition ORDER BY id')).map(({ type }) => type);

describe('a row that changed although it was locked', () => {
  const facts = { teacherId: 'tom', seats: [{ studentId: 'anna', partnerId: 'paul' }] };
  it('refuses the whole transaction', async () => {
    const { lessonIds } = await parts.sell({});
    const rows = () => parts.sql('SELECT * FROM lesson ORDER BY id');
    const before = await rows();
    const saving = parts.db.transaction(async (tx) => {
      const [one, other] = (await lessonsById(tx, lessonIds.slice(0, 2))) as [Lesson, Lesson];
      const stale = { ...other, version: other.version - 1 };
      const after = [one, stale].map((lesson) => ({ ...lesson, version: lesson.version + 1 }));
      saveChanges(tx, [{ before: { requests: [], lessons: [one, stale] }, after: { requests: [], lessons: after }, facts }], BEGIN);
    });
    await expect(saving).rejects.toMatchObject({ code: '23502', column: 'version' });
    expect(await rows()).toEqual(before);
  });
});

describe('one negotiation', () => {
  it('from request to approval leaves rows, holds, an audit trail and one message each', async () => {
    const { lessonIds } = await parts.sell({});
    const [id] = lessonIds as [string];
    const command = ask(id, '2026-03-06T10:00');
    await done(command);
    expect(await lessonRow(id)).toMatchObject({ status: 'offered', kind: 'remind', requestId: command.requestId });
    expect((await heldAt('2026-03-04T13:30:00Z')).map(({ p, own }) => `${p} ${own}`)).toEqual(['anna true', 'tom true']);
    const offered = await heldAt('2026-03-06T09:00:00Z');
    expect(offered.map(({ p, own }) => `${p} ${own}`)).toEqual(['anna true', 'tom true']);
    await done({ type: 'approve', requestId: command.requestId, offer: 1, without: [], by: teacher });
    expect(await lessonRow(id)).toMatchObject({ status: 'scheduled', startsAt: new Date('2026-03-06T09:00:00Z'), kind: 'complete', requestId: null });
    expect(await heldAt('2026-03-04T13:30:00Z')).toEqual([]);
    // Agreed to as it was offered: the very rows.
    expect(await heldAt('2026-03-06T09:00:00Z')).toEqual(offered);
    expect(await told()).toEqual(['package.sold', 'move.requested', 'move.approved']);
    const messages = await parts.sql<{ subject: string; body: string }>('SELECT subject, body FROM outbox ORDER BY id');
    expect(messages.map(({ subject }) => subject)).toEqual(['scheduling.package.sold', 'scheduling.move.requested', 'scheduling.move.approved']);
    expect(JSON.parse(messages[1]?.body ?? '').data).toMatchObject({
      packageZone: 'Europe/Berlin', waitingFor: ['tom'], by: { id: 'anna', role: 'student' },
      people: [{ id: 'tom', zone: 'Europe/Berlin' }, { id: 'anna', zone: 'America/New_York' }, { id: 'paul', role: 'partner' }],
      lessons: [{ status: 'offered', oldStart: '2026-03-04T13:30:00.000Z', newStart: '2026-03-06T09:00:00.000Z', next: { kind: 'remind' } }],
    });
    // What notices and calendars need beside: how the rows stand after the effect.
    expect(JSON.parse(messages[0]?.body ?? '').data.lessons[0].calendar).toEqual({
      start: '2026-03-04T13:30:00.000Z', end: '2026-03-04T14:30:00.000Z', sequence: 0, status: 'CONFIRMED',
    });
    expect(JSON.parse(messages[1]?.body ?? '').data).toMatchObject({
      requestVersion: 1, requestOrigin: 'people', offer: 1, offeredBy: { id: 'anna', role: 'student' }, managers: [], former: [],
      lessons: [{
        answerBy: '2026-03-06T08:50:00.000Z', limitAt: expect.any(String),
        calendar: { start: '2026-03-04T13:30:00.000Z', end: '2026-03-04T14:30:00.000Z', sequence: 1, status: 'TENTATIVE' },
      }],
    });
    const approved = JSON.parse(messages[2]?.body ?? '').data;
    expect(approved).toMatchObject({ requestVersion: 2, lessons: [{ calendar: { start: '2026-03-06T09:00:00.000Z', sequence: 2, status: 'CONFIRMED' } }] });
    expect(approved.lessons[0].answerBy).toBeUndefined();
  });

  it('tells the managers of what is theirs to decide, and of a reminder who can still answer', async () => {
    await parts.person('mia', 'manager', 'Europe/London');
    const { lessonIds } = await parts.sell({ weeks: 1 });
    const [id] = lessonIds as [string];
    await done(ask(id, '2026-03-06T10:00'));
    const limit = (await parts.sql<{ limit: Date }>('SELECT limit_at AS limit FROM package'))[0]?.limit as Date;
    for (const now of ['2026-03-04T12:30:00Z', limit.toISOString()]) {
      parts.clock.set(now);
      await parts.poll();
    }
    const messages = await parts.sql<{ subject: string; body: string }>('SELECT subject, body FROM outbox ORDER BY id');
    const of = (subject: string) => JSON.parse(messages.find((message) => message.subject === subject)?.body ?? '').data;
    expect(of('scheduling.move.reminded')).toMatchObject({ waitingFor: ['tom'], managers: [] });
    expect(of('scheduling.move.expired')).toMatchObject({ waitingFor: ['tom'], managers: [] });
    expect(of('scheduling.lesson.lapsed')).toMatchObject({ managers: [{ id: 'mia', role: 'manager', zone: 'Europe/London', locale: 'en' }] });
  });

  it('a refused command leaves nothing but what was due before it', async () => {
    const { lessonIds } = await parts.sell({});
    const [id] = lessonIds as [string];
    const command = ask(id, '2026-03-03T10:00');
    await done(command);
    parts.clock.set('2026-03-03T08:50:00Z');
    const late = await done({ type: 'approve', requestId: command.requestId, offer: 1, without: [], by: teacher });
    expect(late.refusal?.code).toBe('offer-expired');
    expect(await lessonRow(id)).toMatchObject({ status: 'awaiting', kind: 'follow-up' });
    expect(await told()).toEqual(['package.sold', 'move.requested', 'move.expired']);
  });

  it('unknown ids and stale versions are said, and change nothing', async () => {
    const { lessonIds } = await parts.sell({});
    const [id] = lessonIds as [string];
    expect(await parts.run(ask(randomUUID(), '2026-03-06T10:00'))).toEqual({ unknown: 'lesson' });
    expect(await parts.run({ type: 'withdraw', requestId: randomUUID(), by: student })).toEqual({ unknown: 'request' });
    expect(await parts.run(ask(id, '2026-03-06T10:00'), 7)).toEqual({ stale: { version: 1 } });
    expect(await told()).toEqual(['package.sold']);
  });

  it('a series over a clock change, one lesson detached by the poller', async () => {
    const { lessonIds } = await parts.sell({ startDate: '2026-03-16', weeks: 4 });
    const command = ask(lessonIds[0] as string, '2026-03-20T10:00', { scope: 'series' });
    await done(command);
    parts.clock.set('2026-03-20T08:50:00Z');
    expect((await parts.poll()).lessons).toBe(4);
    expect((await Promise.all(lessonIds.map(lessonRow))).map((row) => row?.status)).toEqual(['awaiting', 'offered', 'offered', 'offered']);
    const rest = await done({ type: 'approve', requestId: command.requestId, offer: 1, without: [], by: teacher });
    expect(rest.refusal).toBeUndefined();
    const starts = (await Promise.all(lessonIds.map(lessonRow))).map((row) => row?.startsAt.toISOString());
    expect(starts.slice(1)).toEqual(['2026-03-27T09:00:00.000Z', '2026-04-03T08:00:00.000Z', '2026-04-10T08:00:00.000Z']);
    expect((await parts.poll()).lessons).toBe(0);
  });
});

describe('at the same moment', () => {
  // Where the machine is so slow that no connection is free for seconds, one comes again, as clients do that are answered 503.
  const patiently = async (command: Command): Promise<Performed> => {
    for (;;) {
      try {
        return await done(command);
      } catch (error) {
        if (classifyDatabaseError(error) !== 'unavailable') throw error;
      }
    }
  };
  it('50 answer one request: one wins, the others get a clear conflict', async () => {
    const { lessonIds } = await parts.sell({});
    const command = ask(lessonIds[0] as string, '2026-03-06T10:00', { by: teacher });
    await done(command);
    const answers = await Promise.all(Array.from({ length: 50 }, (_, index) => {
      const by = index % 2 === 0 ? student : partner;
      const answer = { requestId: command.requestId, offer: 1, by };
      return patiently(index % 3 === 0 ? { type: 'decline', ...answer } : { type: 'approve', without: [], ...answer });
    }));
    const codes = answers.map(({ refusal }) => refusal?.code ?? 'accepted');
    expect(codes.filter((code) => code === 'accepted')).toHaveLength(1);
    expect(new Set(codes)).toEqual(new Set(['accepted', 'request-closed']));
    expect(await told()).toHaveLength(3);
  });

  it('20 ask for the same slot of one teacher: one gets it, nobody deadlocks', async () => {
    const lessons = await Promise.all(Array.from({ length: 20 }, async (_, index) => {
      await parts.person(`s${index}`, 'student');
      const slot = { weekday: ((index % 6) + 1) as 1, time: `${String(8 + Math.floor(index / 6)).padStart(2, '0')}:00` };
      return (await parts.sell({ seats: [{ studentId: `s${index}`, partnerId: 'paul' }], slots: [slot], startDate: '2026-03-09' })).lessonIds[0] as string;
    }));
    const answers = await Promise.all(lessons.map((id) => patiently(ask(id, '2026-03-15T12:00', { by: teacher }))));
    const codes = answers.map(({ refusal }) => refusal?.code ?? 'accepted').sort();
    expect(codes).toEqual(['accepted', ...Array.from({ length: 19 }, () => 'teacher-busy')]);
  });

  it('replicas of the poller share the work and do nothing twice', async () => {
    for (let index = 0; index < 12; index += 1) {
      await parts.person(`s${index}`, 'student');
      await parts.teacher(`t${index}`);
      await parts.sell({ teacherId: `t${index}`, seats: [{ studentId: `s${index}`, partnerId: 'paul' }], weeks: 2 });
    }
    parts.clock.set('2026-03-04T14:29:59.999Z');
    expect(await poll(parts)).toEqual({ packages: 0, lessons: 0, lateMs: 0 });
    parts.clock.advance(1);
    const rounds = await Promise.all(Array.from({ length: 4 }, () => poll(parts)));
    expect(rounds.reduce((sum, { lessons }) => sum + lessons, 0)).toBe(12);
    expect((await told()).filter((type) => type !== 'package.sold')).toEqual(Array.from({ length: 12 }, () => 'lesson.completed'));
  });
});

describe('a package', () => {
  const order = (more: object = {}) => parts.order({
    kind: 'individual', zone: 'Europe/Berlin', teacherId: 'tom', seats: [{ studentId: 'anna', partnerId: 'paul' }],
    startDate: '2026-03-02', weeks: 2, slots: [{ weekday: 3, time: '14:30' }], minutes: 60, ...more,
  });

  it('that collides is refused with its lessons, and nothing of it is kept', async () => {
    await order();
    await parts.person('bob', 'student');
    const refused = await order({ seats: [{ studentId: 'bob', partnerId: 'paul' }], slots: [{ weekday: 3, time: '15:00' }], weeks: 3 });
    expect(refused).toMatchObject({
      code: 'package-collides',
      slots: [{ number: 1, codes: ['teacher-busy'] }, { number: 2, wall: '2026-03-11T15:00', codes: ['teacher-busy'] }],
    });
    expect(await parts.sql('SELECT FROM package')).toHaveLength(1);
    expect(await order({ slots: [{ weekday: 4, time: '09:00' }, { weekday: 4, time: '09:30' }] })).toMatchObject({ slots: [{ number: 2 }, { number: 4 }] });
  });
  it('begins in the future, within the contract, and within itself', async () => {
    expect(await order({ startDate: '2026-02-23' })).toMatchObject({ slots: [{ number: 1, codes: ['lesson-in-past'] }] });
    expect(await order({ startDate: '2027-12-27' })).toMatchObject({ slots: [{ number: 2, codes: ['beyond-contract-end'] }] });
    expect(await order({ kind: 'group' })).toMatchObject({ code: 'seats-wrong' });
  });
  it('as a trial is one per partner, within two weeks of registration', async () => {
    const registeredAt = parseInstant('2026-02-20T10:00:00Z');
    const trial = { kind: 'trial', weeks: 1, registeredAt };
    expect(await order({ ...trial, startDate: '2026-03-03', slots: [{ weekday: 5, time: '10:30' }] })).toMatchObject({ slots: [{ codes: ['beyond-package-end'] }] });
    expect(await order({ ...trial, startDate: '2026-03-03', slots: [{ weekday: 5, time: '10:00' }] })).toMatchObject({ packageId: expect.any(String) });
    expect(await order({ ...trial, startDate: '2026-03-03', slots: [{ weekday: 4, time: '10:00' }] })).toMatchObject({ code: 'trial-taken' });
    parts.clock.set(registeredAt + 14 * DAY);
    await parts.person('new', 'partner');
    expect(await order({ ...trial, seats: [{ studentId: 'anna', partnerId: 'new' }] })).toMatchObject({ code: 'trial-over' });
    parts.clock.set(registeredAt - 1);
    expect(await order({ ...trial, seats: [{ studentId: 'anna', partnerId: 'new' }] })).toMatchObject({ code: 'trial-over' });
  });
});

it('the sweep writes the next action anew where a contract has changed and nobody got to its lessons', async () => {
  const { lessonIds } = await parts.sell({});
  const [id] = lessonIds as [string];
  await done(ask(id, '2026-03-03T10:00'));
  parts.clock.set('2026-03-03T08:50:00Z');
  await parts.poll();
  expect(await lessonRow(id)).toMatchObject({ status: 'awaiting', kind: 'follow-up', at: new Date('2026-03-04T08:50:00Z') });
  await parts.sql("UPDATE teacher_contract SET ends_at = '2026-03-03T20:00:00Z'");
  await sweep({ ...parts, log: createLogger({ service: 'scheduling', level: 'silent' }) });
  expect(await lessonRow(id)).toMatchObject({ status: 'awaiting', kind: 'lapse', at: new Date('2026-03-03T20:00:00Z') });
});

it('the database itself refuses what must never be', async () => {
  const { lessonIds, packageId } = await parts.sell({});
  const [one, two] = lessonIds as [string, string];
  await expect(parts.sql(`UPDATE lesson SET next_action_at = NULL, next_action_kind = NULL WHERE id = '${one}'`)).rejects.toThrow(/lesson_has_a_next_action/);
  await expect(parts.sql(`UPDATE lesson SET status = 'awaiting' WHERE id = '${one}'`)).rejects.toThrow(/lesson_awaits/);
  await expect(parts.sql(`INSERT INTO slot_claim SELECT participant_id, '${two}', '${packageId}', during FROM slot_claim WHERE lesson_id = '${one}'`))
    .rejects.toThrow(/no_double_booking/);
});
