import { formatInstant } from '@schoolbell/time';
import type { BenchStack } from '../stack/stack.ts';
import { MANAGER, type Client } from './client.ts';
import { copyTemplate } from './copy.ts';
import { ZONE } from './due.ts';
import { personName } from './names.ts';
import { mondayIn } from './template.ts';

/**
 * Lessons that end at instants of our choice, to the millisecond: walls of the API are whole minutes, so copies of a lesson
 * that it sold are put to other starts, wall clock and held slots included. They complete when they are over.
 */
const TEMPLATE = 'end';
const MINUTES = 60;

export async function sellLessonToEnd(client: Client): Promise<void> {
  const name = (person: string): string => personName(TEMPLATE, person);
  for (const [person, role] of [['t', 'teacher'], ['s', 'student'], ['p', 'partner']] as const) {
    await client.call(MANAGER, 'PUT', `/v1/participants/${name(person)}`, { role, zone: ZONE, locale: 'en' });
  }
  await client.call(MANAGER, 'POST', '/v1/contracts', { teacherId: name('t'), zone: ZONE, firstDay: '2020-01-01' });
  await client.call(MANAGER, 'POST', '/v1/packages', {
    kind: 'individual', zone: ZONE, teacherId: name('t'), seats: [{ studentId: name('s'), partnerId: name('p') }],
    startDate: mondayIn(2), weeks: 1, slots: [{ weekday: 1, time: '10:00' }], minutes: MINUTES,
  });
}

export interface EndingLesson {
  readonly id: string;
  readonly endMs: number;
  readonly teacher: { readonly id: string; readonly role: 'teacher' };
}

/** One copy for each end. */
export async function endAt(stack: BenchStack, endsMs: readonly number[]): Promise<EndingLesson[]> {
  await copyTemplate(stack, TEMPLATE, 1, endsMs.length, { copiesAtOnce: endsMs.length });
  const lessons: EndingLesson[] = [];
  for (const [index, endMs] of endsMs.entries()) {
    const teacher = personName(TEMPLATE, 't', index + 1);
    const [start, end] = [formatInstant(endMs - MINUTES * 60_000), formatInstant(endMs)];
    const wall = start.slice(0, -1);
    const [row] = await stack.ask<{ id: string }>(`
      UPDATE scheduling.lesson SET starts_at = '${start}', original_start = '${start}', wall = '${wall}', original_wall = '${wall}', next_action_at = '${end}'
       WHERE teacher_id = '${teacher}' RETURNING id`);
    await stack.ask(`UPDATE scheduling.slot_claim SET during = tstzrange('${start}', '${end}') WHERE lesson_id = '${row!.id}'`);
    lessons.push({ id: row!.id, endMs, teacher: { id: teacher, role: 'teacher' } });
  }
  return lessons;
}
