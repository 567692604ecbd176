import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { joinGroup, leaveGroup } from '../src/packages/change.ts';
import { findPackage, listSmallGroups } from '../src/packages/query.ts';
import { cancelPackage } from '../src/packages/rest.ts';
import { acceptSize, askAgain, countSmallGroups } from '../src/packages/small-groups.ts';
import { findOverdue } from '../src/overdue/store.ts';
import { BEGIN, openParts, type Parts } from './database.ts';
import { DAY, HOUR, manager } from './scene.ts';

/** Below two students nobody may forget the group: it is asked about until somebody decides. */
let parts: Parts;
let id: string;
beforeAll(async () => {
  parts = await openParts();
});
beforeEach(async () => {
  await parts.clear();
  parts.clock.set(BEGIN);
  await parts.teacher('tom');
  for (const student of ['anna', 'bob', 'carl']) await parts.person(student, 'student');
  for (const partner of ['paul', 'petra']) await parts.person(partner, 'partner');
  await parts.person('mia', 'manager');
  const seats = [{ studentId: 'anna', partnerId: 'paul' }, { studentId: 'bob', partnerId: 'petra' }];
  id = (await parts.sell({ kind: 'group', seats })).packageId;
});
afterAll(() => parts?.close());

const leave = (studentId: string) => parts.db.transaction((tx) => leaveGroup(tx, parts, id, studentId, manager));
const accept = () => parts.db.transaction((tx) => acceptSize(tx, parts, id, manager));
const tooSmall = async () => (await findPackage(parts.db, id))?.tooSmall;
const asked = async () => (await parts.sql<{ body: string }>("SELECT body FROM outbox WHERE subject = 'scheduling.package.too-small' ORDER BY id"))
  .map(({ body }) => JSON.parse(body).data as { at: string; people: { id: string }[]; managers: { id: string }[] });
const askAt = async (now: number): Promise<number> => {
  parts.clock.set(now);
  // Replicas ask at once; a group is asked about by one.
  return (await Promise.all([askAgain(parts), askAgain(parts), askAgain(parts)])).reduce((sum, one) => sum + one);
};

it('is asked about when the second student leaves, and each day again at that hour, by one of several replicas', async () => {
  expect(await tooSmall()).toBeNull();
  parts.clock.set(BEGIN + HOUR);
  await leave('bob');
  expect(await tooSmall()).toEqual({ since: '2026-03-02T10:00:00.000Z', askedAgainAt: '2026-03-03T10:00:00.000Z' });
  expect([await countSmallGroups(parts.db), (await listSmallGroups(parts.db, { after: undefined, limit: 9 })).map((one) => one.id)]).toEqual([1, [id]]);
  expect(await askAt(BEGIN + HOUR + DAY - 1)).toBe(0);
  expect(await askAt(BEGIN + HOUR + DAY)).toBe(1);
  expect(await askAt(BEGIN + HOUR + DAY)).toBe(0);
  // After two days of downtime once, not twice.
  expect(await askAt(BEGIN + 3 * DAY + 5 * HOUR)).toBe(1);
  expect(await tooSmall()).toMatchObject({ askedAgainAt: '2026-03-06T10:00:00.000Z' });
  const all = await asked();
  expect(all.map(({ at }) => at)).toEqual(['2026-03-02T10:00:00.000Z', '2026-03-03T10:00:00.000Z', '2026-03-05T14:00:00.000Z']);
  // Whoever left is asked with the others once; later only those who are there.
  expect(all.map(({ people, managers }) => [...people, ...managers].map((one) => one.id).join(' '))).toEqual([
    'tom anna bob paul petra mia', 'tom anna paul mia', 'tom anna paul mia',
  ]);
});

describe('nobody is asked any more', () => {
  it('when a student joins', async () => {
    await leave('bob');
    expect(await parts.db.transaction((tx) => joinGroup(tx, parts, id, { studentId: 'carl', partnerId: 'paul' }, manager))).toBeUndefined();
    expect(await tooSmall()).toBeNull();
    expect(await askAt(BEGIN + 2 * DAY)).toBe(0);
  });
  it('when the manager lets it go on with one student, but again when that one leaves too', async () => {
    expect(await accept()).toMatchObject({ code: 'group-not-small' });
    await leave('bob');
    expect(await accept()).toBeUndefined();
    expect(await tooSmall()).toBeNull();
    expect(await askAt(BEGIN + 2 * DAY)).toBe(0);
    await leave('anna');
    expect(await accept()).toMatchObject({ code: 'group-empty' });
    expect(await askAt(BEGIN + 3 * DAY)).toBe(1);
    expect((await parts.sql<{ type: string; by: string }>('SELECT type, by_id AS by FROM transition ORDER BY id')).map(({ type, by }) => `${by} ${type}`)).toEqual([
      'mia package.sold', 'mia package.seat-left', 'system package.too-small', 'mia package.size-accepted', 'mia package.seat-left',
      'system package.too-small', 'system package.too-small',
    ]);
  });
  it('when the package is cancelled, or its last lesson is over', async () => {
    await leave('bob');
    await parts.db.transaction((tx) => cancelPackage(tx, parts, id, manager, 'refunded'));
    expect(await tooSmall()).toBeNull();
    const seats = [{ studentId: 'anna', partnerId: 'paul' }, { studentId: 'bob', partnerId: 'petra' }];
    id = (await parts.sell({ kind: 'group', seats })).packageId;
    await leave('bob');
    parts.clock.set(BEGIN + 30 * DAY);
    while ((await parts.poll()).lessons > 0);
    expect(await askAt(BEGIN + 30 * DAY)).toBe(0);
    expect(await tooSmall()).toBeNull();
  });
});

it('a question that nobody asks is overdue, and no row can be without its next one', async () => {
  await leave('bob');
  expect(await findOverdue(parts.db, BEGIN + DAY)).toBeUndefined();
  expect(await findOverdue(parts.db, BEGIN + DAY + 1)).toMatchObject({ count: 1, what: 'package', id });
  await expect(parts.sql('UPDATE package SET ask_at = NULL')).rejects.toThrow(/package_small_is_asked_about/);
});
