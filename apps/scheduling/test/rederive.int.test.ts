import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { parseInstant } from '@schoolbell/time';
import type { Command } from '../src/moves/commands.ts';
import { rederiveAll } from '../src/rederive/job.ts';
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

it('open offers and their deadlines move with their wall clock', async () => {
  const [, later] = await soldByOldRelease([{ weekday: 1, time: '06:00' }]) as [string, string];
  const requestId = '00000000-0000-4000-8000-000000000009';
  await parts.run({ type: 'request', requestId, scope: 'lesson', lessonId: later, to: { wall: '2026-11-11T06:00' }, without: [], by: student });
  // As the old release would have written it.
  await parts.sql(`UPDATE move_request SET offers = jsonb_set(offers, '{0,items,0,start}', to_jsonb(${parseInstant('2026-11-11T12:00:00Z')}))`);
  await parts.sql(`UPDATE slot_claim SET during = tstzrange(lower(during) + interval '1 hour', upper(during) + interval '1 hour') WHERE lower(during) = '2026-11-11T11:00:00Z'`);
  expect(await rederiveAll(parts)).toBe(2);
  const [request] = await parts.sql<{ start: string; next: Date }>(
    `SELECT offers #>> '{0,items,0,start}' AS start, lesson.next_action_at AS next FROM move_request JOIN lesson ON lesson.request_id = move_request.id
      WHERE move_request.id = '${requestId}'`);
  expect(Number(request?.start)).toBe(parseInstant('2026-11-11T11:00:00Z'));
  expect(request?.next.toISOString()).toBe('2026-11-09T10:00:00.000Z');
  expect(await told()).toContain('move.rederived');
});
