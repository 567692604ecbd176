import { formatInstant } from '@schoolbell/time';
import type { BenchStack } from '../stack/stack.ts';
import { MANAGER, type Client } from './client.ts';
import { copyTemplate } from './copy.ts';
import { personName } from './names.ts';
import { mondayIn } from './template.ts';

/**
 * Deadlines of one instant. A teacher can have two of different kinds: an offer that expires ten minutes before the offered
 * start, and a reminder an hour before an old start. Made over HTTP once, then copied with the teacher.
 */
const TEMPLATE = 'due';
export const DEADLINES_PER_COPY = 2;
/** The clocks of Abidjan are UTC's all year. */
export const ZONE = 'Africa/Abidjan';
const EXPIRES_BEFORE_MS = 10 * 60_000;
const REMINDS_BEFORE_MS = 60 * 60_000;
/** Short, so that the offered slot and the lesson to be reminded of lie side by side. */
const MINUTES = 30;
const DAY_MS = 86_400_000;

const wallAt = (instant: number): string => formatInstant(instant).slice(0, 16);

export interface Due {
  readonly dueMs: number;
}

export async function sellDue(client: Client, dueMs: number): Promise<Due> {
  const name = (person: string): string => personName(TEMPLATE, person);
  const people = [['t', 'teacher'], ['s1', 'student'], ['s2', 'student'], ['p', 'partner']] as const;
  for (const [person, role] of people) await client.call(MANAGER, 'PUT', `/v1/participants/${name(person)}`, { role, zone: ZONE, locale: 'en' });
  await client.call(MANAGER, 'POST', '/v1/contracts', { teacherId: name('t'), zone: ZONE, firstDay: '2020-01-01' });

  const sell = async (student: string, startDate: string, weekday: number, time: string): Promise<string> => {
    const { lessonIds } = await client.call<{ lessonIds: string[] }>(MANAGER, 'POST', '/v1/packages', {
      kind: 'individual', zone: ZONE, teacherId: name('t'), seats: [{ studentId: name(student), partnerId: name('p') }],
      startDate, weeks: 2, slots: [{ weekday, time }], minutes: MINUTES,
    });
    return lessonIds[0]!;
  };
  const ask = (lessonId: string, startMs: number): Promise<unknown> =>
    client.call({ id: name('t'), role: 'teacher' }, 'POST', `/v1/lessons/${lessonId}/requests`, { to: { wall: wallAt(startMs) } });

  await ask(await sell('s1', mondayIn(2), 1, '10:00'), dueMs + EXPIRES_BEFORE_MS);
  const soon = wallAt(dueMs + REMINDS_BEFORE_MS);
  const weekday = ((Math.floor((dueMs + REMINDS_BEFORE_MS) / DAY_MS) + 3) % 7) + 1;
  await ask(await sell('s2', soon.slice(0, 10), weekday, soon.slice(11)), dueMs + REMINDS_BEFORE_MS + DAY_MS);
  return { dueMs };
}

export async function copyDue(stack: BenchStack, copies: number): Promise<void> {
  await copyTemplate(stack, TEMPLATE, 1, copies - 1, { copiesAtOnce: copies });
  const [row] = await stack.ask<{ due: string }>(`
    SELECT count(*)::text AS due FROM scheduling.lesson WHERE teacher_id ~ '^${TEMPLATE}\\d+-' AND next_action_kind IN ('expire', 'remind')`);
  if (Number(row!.due) !== copies * DEADLINES_PER_COPY) throw new Error(`${row!.due} deadlines are there instead of ${copies * DEADLINES_PER_COPY}`);
}

/**
 * How many were carried out before their instant, as the audit trail has it.
 * @throws when one was carried out twice or not at all.
 */
export async function checkFired(stack: BenchStack, { dueMs }: Due, copies: number): Promise<number> {
  const rows = await stack.ask<{ type: string; lessons: string; rows: string; early: string }>(`
    SELECT type, count(DISTINCT lesson_ids)::text AS lessons, count(*)::text AS rows,
           count(*) FILTER (WHERE at < '${formatInstant(dueMs)}')::text AS early
      FROM scheduling.transition JOIN scheduling.package ON package.id = package_id
     WHERE type IN ('move.expired', 'move.reminded') AND teacher_id ~ '^${TEMPLATE}\\d+-' GROUP BY type`);
  for (const type of ['move.expired', 'move.reminded']) {
    const told = rows.find((row) => row.type === type);
    if (Number(told?.lessons) !== copies || Number(told?.rows) !== copies) throw new Error(`${type}: told ${told?.rows} times of ${told?.lessons} lessons instead of ${copies}`);
  }
  return rows.reduce((sum, { early }) => sum + Number(early), 0);
}
