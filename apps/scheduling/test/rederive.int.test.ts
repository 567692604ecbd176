import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createAlerts, createOutbox, type Alerts, type Nats } from '@schoolbell/messaging';
import { createLogger, createMetrics } from '@schoolbell/service-kit';
import { waitFor } from '@schoolbell/testing';
import { formatInstant, parseInstant } from '@schoolbell/time';
import type { Command } from '../src/moves/commands.ts';
import type { Onlooker } from '../src/rederive/bounds.ts';
import { createBeat, createRederivation, rederiveAll } from '../src/rederive/job.ts';
import { leading, LEADER_LOCK } from '../src/rederive/lead.ts';
import { openParts, type Parts } from './database.ts';
import { student, teacher } from './scene.ts';

/** Manitoba stays at -05 from November 2026 (release 2026e). These lessons were sold by a release that did not know. */
const NOW = parseInstant('2026-10-30T12:00:00Z');
let parts: Parts;
beforeAll(async () => {
  parts = await openParts(NOW);
});
beforeEach(async () => {
  await parts.clear();
  parts.clock.set(NOW);
  await parts.teacher('tom', 'America/Winnipeg');
  await parts.person('anna', 'student');
  await parts.person('paul', 'partner');
});
afterAll(() => parts?.close());

const log = createLogger({ service: 'scheduling', level: 'silent' });
const watched = {
  log,
  alerts: { raise: (...all: Parameters<Alerts['raise']>) => createAlerts({ service: 'scheduling', outbox: createOutbox({ service: 'scheduling', clock: parts.clock }), nats: undefined as unknown as Nats, log }).raise(...all) },
};
const alerts = async () => (await parts.sql<{ body: string }>("SELECT body FROM outbox WHERE subject = 'alerts.scheduling.raised' ORDER BY id"))
  .map(({ body }) => JSON.parse(body).data).map(({ state, fingerprint }: { state: string; fingerprint: string }) => `${state} ${fingerprint}`);

async function soldByOldRelease(slots: { weekday: 1 | 2; time: string }[]): Promise<readonly string[]> {
  const { lessonIds } = await parts.sell({ zone: 'America/Winnipeg', startDate: '2026-11-02', weeks: 2, slots });
  await parts.sql(`UPDATE lesson SET starts_at = starts_at + interval '1 hour', tz_version = '2026d', next_action_at = next_action_at + interval '1 hour'`);
  await parts.sql('ALTER TABLE slot_claim DROP CONSTRAINT slot_claim_no_double_booking');
  await parts.sql(`UPDATE slot_claim SET during = tstzrange(lower(during) + interval '1 hour', upper(during) + interval '1 hour')`);
  await parts.sql('ALTER TABLE slot_claim ADD CONSTRAINT slot_claim_no_double_booking EXCLUDE USING gist (hashtextextended(participant_id, 0) WITH =, during WITH &&, claim WITH <>)');
  return lessonIds;
}
const rows = () => parts.sql<{ id: string; at: Date; status: string; keeps: boolean; wall: string; tz: string; requestId: string | null }>(
  'SELECT id, starts_at AS at, status, keeps_instant AS keeps, wall, tz_version AS tz, request_id AS "requestId" FROM lesson ORDER BY starts_at');
const told = async () => (await parts.sql<{ type: string }>("SELECT type FROM transition WHERE type <> 'package.sold' ORDER BY id")).map(({ type }) => type);

it('lessons from 72 hours on keep their wall clock, nearer ones their instant, and people are asked', async () => {
  // Monday 2 November is nearer than 72 hours for the first two, 9 November is not.
  await soldByOldRelease([{ weekday: 1, time: '06:00' }, { weekday: 1, time: '07:00' }]);
  expect(await rederiveAll(parts)).toBe(4);
  const found = await rows();
  expect(found.map(({ at, wall }) => `${wall} ${at.toISOString()}`)).toEqual([
    '2026-11-02T06:00 2026-11-02T12:00:00.000Z', '2026-11-02T07:00 2026-11-02T13:00:00.000Z',
    '2026-11-09T06:00 2026-11-09T11:00:00.000Z', '2026-11-09T07:00 2026-11-09T12:00:00.000Z',
  ]);
  expect(found.map(({ status, keeps, tz }) => `${status} ${keeps} ${tz}`)).toEqual([
    'offered true 2026f', 'offered true 2026f', 'scheduled false 2026f', 'scheduled false 2026f',
  ]);
  expect((await told()).sort()).toEqual([
    'lesson.instant-kept', 'lesson.instant-kept', 'lesson.rederived', 'lesson.rederived', 'move.requested', 'move.requested',
  ]);
  expect(await rederiveAll(parts)).toBe(0);
});

it('both sides answer the request of the system, and its expiry leaves the lesson as it is', async () => {
  const [one] = await soldByOldRelease([{ weekday: 1, time: '06:00' }]) as [string];
  await rederiveAll(parts);
  const [{ requestId } = { requestId: null }] = await rows();
  const approve = (by: typeof student): Command => ({ type: 'approve', requestId: requestId as string, offer: 1, without: [], by });
  await parts.run(approve(student));
  expect((await rows())[0]?.status).toBe('offered');
  await parts.run(approve(teacher));
  expect((await rows())[0]).toMatchObject({ id: one, status: 'scheduled', keeps: false, at: new Date('2026-11-02T11:00:00Z') });
});

it('unanswered, it is held when people have arranged it', async () => {
  await soldByOldRelease([{ weekday: 1, time: '06:00' }]);
  await rederiveAll(parts);
  parts.clock.set('2026-11-02T10:50:00Z');
  await parts.poll();
  expect((await rows())[0]).toMatchObject({ status: 'scheduled', keeps: true, at: new Date('2026-11-02T12:00:00Z') });
  expect(await told()).toContain('move.expired');
});

const requestId = '00000000-0000-4000-8000-000000000009';
/** The second lesson is offered another time, as the old release would have written it. */
async function offeredByOldRelease(): Promise<void> {
  const [, later] = await soldByOldRelease([{ weekday: 1, time: '06:00' }]) as [string, string];
  await parts.run({ type: 'request', requestId, scope: 'lesson', lessonId: later, to: { wall: '2026-11-11T06:00' }, without: [], by: student });
  await parts.sql(`UPDATE move_request SET offers = jsonb_set(offers, '{0,items,0,start}', to_jsonb(${parseInstant('2026-11-11T12:00:00Z')}))`);
  await parts.sql(`UPDATE slot_claim SET during = tstzrange(lower(during) + interval '1 hour', upper(during) + interval '1 hour') WHERE lower(during) = '2026-11-11T11:00:00Z'`);
}

it('open offers and their deadlines move with their wall clock', async () => {
  await offeredByOldRelease();
  expect(await rederiveAll(parts)).toBe(2);
  const [request] = await parts.sql<{ start: string; next: Date }>(
    `SELECT offers #>> '{0,items,0,start}' AS start, lesson.next_action_at AS next FROM move_request JOIN lesson ON lesson.request_id = move_request.id
      WHERE move_request.id = '${requestId}'`);
  expect(Number(request?.start)).toBe(parseInstant('2026-11-11T11:00:00Z'));
  expect(request?.next.toISOString()).toBe('2026-11-09T10:00:00.000Z');
  expect(await told()).toContain('move.rederived');
});

it('an offer of an older release that is agreed to before the job moves with its wall clock too', async () => {
  await offeredByOldRelease();
  await parts.run({ type: 'approve', requestId, offer: 1, without: [], by: teacher });
  expect((await rows())[1]).toMatchObject({ status: 'scheduled', at: new Date('2026-11-11T12:00:00Z') });
  expect(await rederiveAll(parts)).toBe(2);
  expect((await rows())[1]).toMatchObject({ status: 'scheduled', wall: '2026-11-11T06:00', tz: '2026f', at: new Date('2026-11-11T11:00:00Z') });
});

it('a release that is taken back takes its question with it', async () => {
  await soldByOldRelease([{ weekday: 1, time: '06:00' }]);
  await rederiveAll(parts);
  // As if the release before derived the first lesson like the next one does, and what this one asked for were wrong.
  await parts.sql(`UPDATE move_request SET offers = jsonb_set(offers, '{0,items,0,start}', to_jsonb(${parseInstant('2026-11-02T12:00:00Z')}))`);
  await parts.sql("UPDATE lesson SET starts_at = '2026-11-02T11:00:00Z' WHERE status = 'offered'");
  await parts.sql("UPDATE slot_claim SET during = tstzrange('2026-11-02T11:00:00Z', '2026-11-02T12:00:00Z') WHERE lower(during) = '2026-11-02T12:00:00Z'");
  expect(await rederiveAll(parts, '2027a')).toBe(1);
  expect((await rows())[0]).toMatchObject({ status: 'scheduled', requestId: null, keeps: false, tz: '2027a', at: new Date('2026-11-02T11:00:00Z') });
  expect(await parts.sql('SELECT status, outcome FROM move_request')).toEqual([{ status: 'closed', outcome: 'closed' }]);
  expect((await told()).at(-1)).toBe('move.closed');
});

it('a release that comes again after it was rolled back asks again', async () => {
  await soldByOldRelease([{ weekday: 1, time: '06:00' }]);
  await rederiveAll(parts);
  const asked = (await rows())[0]?.requestId as string;
  await parts.run({ type: 'decline', requestId: asked, offer: 1, by: student });
  await parts.sql("UPDATE lesson SET tz_version = '2026d'");
  await rederiveAll(parts);
  const again = (await rows())[0];
  expect(again).toMatchObject({ status: 'offered', tz: '2026f' });
  expect(again?.requestId).not.toBe(asked);
});

/** Tina's package has one lesson, of a week later, and shares nobody who holds slots with Tom's. */
async function twoByOldRelease(): Promise<string> {
  await soldByOldRelease([{ weekday: 1, time: '06:00' }]);
  await parts.teacher('tina', 'America/Winnipeg');
  await parts.person('bob', 'student');
  const other = await parts.sell({ zone: 'America/Winnipeg', teacherId: 'tina', seats: [{ studentId: 'bob', partnerId: 'paul' }], startDate: '2026-11-09', weeks: 1, slots: [{ weekday: 1, time: '06:00' }] });
  await parts.sql(`UPDATE lesson SET starts_at = starts_at + interval '1 hour', tz_version = '2026d', next_action_at = next_action_at + interval '1 hour' WHERE package_id = '${other.packageId}'`);
  await parts.sql(`UPDATE slot_claim SET during = tstzrange(lower(during) + interval '1 hour', upper(during) + interval '1 hour') WHERE lesson_id = '${other.lessonIds[0]}'`);
  return other.packageId;
}

it('people whose lessons cannot be derived hold up nobody else', async () => {
  await twoByOldRelease();
  const failed: unknown[] = [];
  const onlooker: Onlooker = { goesOn: () => Promise.resolve(true), failed: (ids, cause) => void failed.push(ids, cause) };
  const mute: Parts['tell'] = (tx, all) => (all.some(({ facts }) => facts.teacherId === 'tom') ? Promise.reject(new Error('of their own')) : parts.tell(tx, all));
  expect(await rederiveAll({ ...parts, tell: mute }, undefined, onlooker)).toBe(1);
  expect(failed).toMatchObject([[expect.any(String)], { message: 'of their own' }]);
  expect((await rows()).map(({ tz }) => tz).sort()).toEqual(['2026d', '2026d', '2026f']);
  expect(await rederiveAll(parts)).toBe(2);
});

it('a zone that is gone holds up only those who are in it', async () => {
  const gone = await twoByOldRelease();
  await parts.sql("UPDATE package SET tz_version = '2026d'");
  await parts.sql(`UPDATE package SET zone = 'America/Nowhere' WHERE id = '${gone}'`);
  const failed: unknown[] = [];
  expect(await rederiveAll(parts, undefined, { goesOn: () => Promise.resolve(true), failed: (ids) => void failed.push(...ids) })).toBe(2);
  // Its bounds and its lessons.
  expect(failed).toEqual([gone, gone]);
  expect((await parts.sql<{ tz: string }>('SELECT tz_version AS tz FROM package ORDER BY 1')).map(({ tz }) => tz)).toEqual(['2026d', '2026f']);
  expect((await rows()).map(({ tz }) => tz).sort()).toEqual(['2026d', '2026f', '2026f']);
});

it('what fails run after run is counted and told once, and once that it is over', async () => {
  await soldByOldRelease([{ weekday: 1, time: '06:00' }]);
  const metrics = createMetrics('scheduling');
  let broken = true;
  const beat = createBeat({
    ...parts, ...watched, metrics, tell: (tx, all) => (broken ? Promise.reject(new Error('of their own')) : parts.tell(tx, all)),
  }, requestId);
  const run = async (signal = new AbortController().signal) => {
    await beat(signal);
    return [(await metrics.registry.getSingleMetric('scheduling_not_derived')!.get()).values[0]?.value, await alerts()];
  };
  expect(await run()).toEqual([1, []]);
  for (const _ of [1, 2]) expect(await run()).toEqual([1, ['firing lesson-not-derived']]);
  broken = false;
  // A run that is cut short has seen nothing.
  expect(await run(AbortSignal.abort())).toEqual([1, ['firing lesson-not-derived']]);
  for (const _ of [1, 2]) expect(await run()).toEqual([0, ['firing lesson-not-derived', 'resolved lesson-not-derived']]);
  await parts.sql('DELETE FROM replica');
});

it('ends when another release is seen, and goes on with the rest the next time', async () => {
  await soldByOldRelease([{ weekday: 1, time: '06:00' }]);
  expect(await rederiveAll(parts, undefined, { goesOn: () => Promise.resolve(false), failed: () => undefined })).toBe(0);
  expect((await rows()).map(({ tz }) => tz)).toEqual(['2026d', '2026d']);
  expect(await rederiveAll(parts)).toBe(2);
});

it('ends of packages and contracts are derived anew, and rows of this release are not waited for', async () => {
  await parts.sell({ zone: 'America/Winnipeg', startDate: '2026-11-02', weeks: 1 });
  const bounds = () => parts.sql('SELECT package.ends_at AS "end", limit_at AS "limit", contract.ends_at AS "contractEnd" FROM package, teacher_contract AS contract');
  const known = await bounds();
  await parts.sql("UPDATE package SET tz_version = '2026d', ends_at = ends_at + interval '1 hour', limit_at = limit_at + interval '1 hour'");
  await parts.sql("UPDATE teacher_contract SET tz_version = '2026d', ends_at = ends_at + interval '1 hour'");
  await rederiveAll(parts);
  expect(await bounds()).toEqual(known);
  await parts.db.transaction(async (tx) => {
    await tx.query({ name: 'test_lock_rows', text: 'SELECT FROM package, teacher_contract FOR UPDATE' }, []);
    expect(await rederiveAll(parts)).toBe(0);
  });
});

it('one replica does it, and no transaction of the leader idles meanwhile', async () => {
  const state = await leading(parts.db, async () => {
    expect(await leading(parts.db, () => Promise.resolve('too'))).toBeUndefined();
    return parts.sql('SELECT state FROM pg_stat_activity JOIN pg_locks USING (pid) WHERE objid = $1 AND granted', [LEADER_LOCK]);
  });
  expect(state).toEqual([{ state: 'idle' }]);
  await expect(leading(parts.db, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  expect(await leading(parts.db, () => Promise.resolve('again'))).toBe('again');
});

it('is done by the job of a replica once all that are seen have the same release', async () => {
  await soldByOldRelease([{ weekday: 1, time: '06:00' }]);
  await parts.sql(`INSERT INTO replica (id, tz_version, seen_at) VALUES ('${requestId}', '2026d', '${formatInstant(NOW)}')`);
  const replicas = async () => (await parts.sql<{ tz: string }>('SELECT tz_version AS tz FROM replica ORDER BY 1')).map(({ tz }) => tz);
  const behind = createRederivation({ ...parts, ...watched, metrics: createMetrics('scheduling') });
  behind.start();
  await waitFor('it is seen', async () => (await replicas()).length === 2);
  await behind.stop();
  expect((await rows()).map(({ tz }) => tz)).toEqual(['2026d', '2026d']);
  // The other one is not seen any more.
  parts.clock.advance(61_000);
  const job = createRederivation({ ...parts, ...watched, metrics: createMetrics('scheduling') });
  job.start();
  await waitFor('both are derived', async () => (await rows()).every(({ tz }) => tz === '2026f'));
  await job.stop();
  expect(await replicas()).toEqual([]);
});
