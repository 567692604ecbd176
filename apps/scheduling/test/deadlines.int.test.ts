import { randomUUID } from 'node:crypto';
import { createLogger } from '@schoolbell/service-kit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createCarryOut, type CarryOut } from '../src/deadlines/carry-out.ts';
import { sweep } from '../src/deadlines/deadlines.ts';
import { BEGIN, openParts, type Parts } from './database.ts';
import { MINUTE, student } from './scene.ts';

const PACKAGES = 5;
const DUE = '2026-03-03T08:50:00.000Z';
const log = createLogger({ service: 'scheduling', level: 'silent' });
let parts: Parts;
let carryOut: CarryOut;
let failed: string[];
let lessonIds: string[];
beforeAll(async () => {
  parts = await openParts();
});
beforeEach(async () => {
  await parts.clear();
  parts.clock.set(BEGIN);
  failed = [];
  carryOut = createCarryOut({ ...parts, log }, { done: () => undefined, failed: (packageId) => void failed.push(packageId) });
  await parts.person('paul', 'partner');
  await parts.person('anna', 'student');
  lessonIds = [];
  for (let index = 0; index < PACKAGES; index += 1) {
    await parts.teacher(`t${index}`);
    await parts.person(`s${index}`, 'student');
    const { lessonIds: [id] } = await parts.sell({ teacherId: `t${index}`, seats: [{ studentId: `s${index}`, partnerId: 'paul' }], weeks: 1 });
    await parts.run({ type: 'request', requestId: randomUUID(), scope: 'lesson', lessonId: id!, to: { wall: '2026-03-03T10:00' }, without: [], by: { ...student, id: `s${index}` } });
    lessonIds.push(id!);
  }
});
afterAll(() => parts?.close());

const statuses = async (): Promise<string[]> => {
  const rows = await parts.sql<{ id: string; status: string }>('SELECT id, status FROM lesson');
  return lessonIds.map((id) => rows.find((row) => row.id === id)!.status);
};
const offersOf = async (index: number): Promise<{ packageId: string; offers: object[] }> =>
  (await parts.sql<{ packageId: string; offers: object[] }>(
    'SELECT package_id AS "packageId", offers FROM move_request WHERE id = (SELECT request_id FROM lesson WHERE id = $1)', [lessonIds[index]]))[0]!;
const setOffers = (packageId: string, offers: object[]): Promise<object[]> =>
  parts.sql('UPDATE move_request SET offers = $2 WHERE package_id = $1', [packageId, JSON.stringify(offers)]);

describe('what is due', () => {
  it('is carried out at its instant and not before', async () => {
    parts.clock.set(DUE);
    parts.clock.advance(-1);
    // At the end of the hour before it the reminder is due, and that only.
    await carryOut.run();
    expect(await statuses()).toEqual(Array.from({ length: PACKAGES }, () => 'offered'));
    parts.clock.advance(1);
    expect(await carryOut.run()).toBe(PACKAGES);
    expect(await statuses()).toEqual(Array.from({ length: PACKAGES }, () => 'awaiting'));
    expect(await carryOut.run()).toBe(0);
  });

  it('goes on around a package that fails, which is tried again after a minute', async () => {
    const { packageId, offers } = await offersOf(2);
    await setOffers(packageId, []);
    parts.clock.set(DUE);
    expect(await carryOut.run()).toBe(PACKAGES - 1);
    expect(await statuses()).toEqual(['awaiting', 'awaiting', 'offered', 'awaiting', 'awaiting']);
    expect(failed).toEqual([packageId]);

    await setOffers(packageId, offers);
    parts.clock.advance(MINUTE - 1);
    expect(await carryOut.run()).toBe(0);
    parts.clock.advance(1);
    expect(await carryOut.run()).toBe(1);
    expect(await statuses()).toEqual(Array.from({ length: PACKAGES }, () => 'awaiting'));
    expect(failed).toEqual([packageId]);
  });

  it('that the database refuses holds up nobody either', async () => {
    const { packageId } = await offersOf(0);
    await parts.sql(`ALTER TABLE transition ADD CONSTRAINT refused CHECK (package_id <> '${packageId}' OR type <> 'move.expired') NOT VALID`);
    try {
      parts.clock.set(DUE);
      expect(await carryOut.run()).toBe(PACKAGES - 1);
      expect(failed).toEqual([packageId]);
      expect((await parts.sql('SELECT FROM transition WHERE type = $1', ['move.expired'])).length).toBe(PACKAGES - 1);
    } finally {
      await parts.sql('ALTER TABLE transition DROP CONSTRAINT refused');
    }
  });
});

it('the sweep goes on around a package that fails', async () => {
  parts.clock.set(DUE);
  await carryOut.run();
  const [first] = (await parts.sql<{ packageId: string }>('SELECT package_id AS "packageId" FROM lesson ORDER BY package_id')).map((row) => row.packageId);
  await parts.sql("UPDATE teacher_contract SET ends_at = '2026-03-03T20:00:00Z'");
  await parts.sql(`ALTER TABLE lesson ADD CONSTRAINT refused CHECK (package_id <> '${first}' OR next_action_kind <> 'lapse') NOT VALID`);
  try {
    await sweep({ ...parts, log });
    const kinds = await parts.sql<{ packageId: string; kind: string }>('SELECT package_id AS "packageId", next_action_kind AS kind FROM lesson');
    expect(kinds.filter(({ packageId }) => packageId !== first).map(({ kind }) => kind)).toEqual(Array.from({ length: PACKAGES - 1 }, () => 'lapse'));
    expect(kinds.find(({ packageId }) => packageId === first)!.kind).toBe('follow-up');
  } finally {
    await parts.sql('ALTER TABLE lesson DROP CONSTRAINT refused');
  }
});
