import type { CommandOf } from '../moves/commands.ts';
import { voicesOfActor } from '../moves/consent.ts';
import { refuse, type Refusal } from '../moves/refusals.ts';
import { endOf, type Absence, type Actor, type Facts, type Lesson } from '../moves/state.ts';
import type { Work } from '../moves/work.ts';
import type { SideRole } from '../packages/kinds.ts';

/**
 * How a lesson went: who did not come, or that it was held. It is missed when the teacher or every student stayed away; a
 * group whose other students came has had its lesson. What each person reported is theirs to correct, and the manager's.
 */

/** Whose absence each side may report. */
export const MAY_REPORT: Readonly<Record<SideRole, readonly Absence['role'][]>> = {
  teacher: ['student', 'teacher'], student: ['teacher'], partner: ['teacher'],
};

/** Both sides: from the start until a day after the end. The manager: from the start, without end. */
export const REPORT_UNTIL_AFTER_END_MS = 24 * 3_600_000;

type People = Pick<Facts, 'teacherId' | 'seats'>;

export function report(work: Work, command: CommandOf<'report'>): Refusal | undefined {
  const { by } = command;
  const lesson = work.lesson(command.lessonId);
  // Who taught it and who was in it, not who teaches and has a seat by now.
  const people = { teacherId: lesson.teacherId, seats: work.facts.seatsThen ?? work.facts.seats };
  const others = by.role === 'manager' ? [] : lesson.absences.filter(({ by: reporter }) => reporter.id !== by.id);
  const refused = mayReport(lesson, by, work.now, people) ?? (command.outcome === 'held' ? mayTakeBack(lesson, by, others) : undefined);
  if (refused !== undefined) return refused;
  const said = command.outcome === 'held' ? [] : absencesOf(command.absent, by, people, work.now);
  if ('code' in said) return said;
  return record(work, lesson, [...others, ...said.filter(({ id }) => !others.some((other) => other.id === id))], people, by);
}

function mayReport(lesson: Lesson, by: Actor, now: number, people: People): Refusal | undefined {
  if (by.role !== 'manager' && voicesOfActor(by, people).length === 0) return refuse('not-a-participant');
  if (!['scheduled', 'completed', 'missed'].includes(lesson.status)) return refuse('lesson-not-held');
  if (now < lesson.start) return refuse('not-over-yet');
  return by.role !== 'manager' && now >= endOf(lesson) + REPORT_UNTIL_AFTER_END_MS ? refuse('too-late-to-report') : undefined;
}

/** Who reported nobody takes back nothing; the teacher may say that the lesson was held. */
function mayTakeBack({ absences }: Lesson, by: Actor, others: readonly Absence[]): Refusal | undefined {
  if (others.length < absences.length) return undefined;
  if (others.length > 0) return refuse('not-your-report');
  return by.role === 'teacher' || by.role === 'manager' ? undefined : refuse('role-may-not-report');
}

function absencesOf(ids: readonly string[], by: Actor, { teacherId, seats }: People, now: number): Refusal | Absence[] {
  const absent = [...new Set(ids)].map((id): Absence => ({ id, role: id === teacherId ? 'teacher' : 'student', by, at: now }));
  if (absent.some(({ id, role }) => role === 'student' && !seats.some(({ studentId }) => studentId === id))) return refuse('absent-unknown');
  const may = by.role === 'manager' ? undefined : MAY_REPORT[by.role as SideRole];
  return may !== undefined && absent.some(({ role }) => !may.includes(role)) ? refuse('role-may-not-report') : absent;
}

function record(work: Work, lesson: Lesson, absences: readonly Absence[], people: People, by: Actor): Refusal | undefined {
  const goesOn = lesson.status === 'scheduled' && absences.length > 0;
  const status = isMissed(absences, people) ? 'missed' : goesOn ? 'scheduled' : 'completed';
  if (status === lesson.status && idsOf(absences) === idsOf(lesson.absences)) return refuse('already-reported');
  if (status === lesson.status) work.note(lesson.id, { absences });
  else work.step(lesson.id, status === 'missed' ? 'miss' : 'hold', { absences });
  work.emit({
    type: absences.length === 0 ? 'lesson.completed' : 'lesson.missed', by, lessons: [{ lessonId: lesson.id, oldStart: lesson.start }],
    ...(absences.length === 0 ? {} : { absences }),
  });
  return undefined;
}

const isMissed = (absences: readonly Absence[], { seats }: People): boolean =>
  absences.some(({ role }) => role === 'teacher')
  || (absences.length > 0 && seats.every(({ studentId }) => absences.some(({ id }) => id === studentId)));

const idsOf = (absences: readonly Absence[]): string => absences.map(({ id }) => id).sort().join('\n');
