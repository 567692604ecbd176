import { formatInstant, systemClock } from '@schoolbell/time';
import { forEachAtOnce, MANAGER, type Client } from './client.ts';
import { personName } from './names.ts';

/**
 * A small school that comes into being over HTTP, as any other: people, contracts, packages with their lessons. The large
 * one is made of its copies. Lessons lie on Monday to Friday, so that a move to a weekend finds everybody free.
 */
export const SCHOOL = 'school';
const TEACHERS = 20;
const PACKAGES_PER_TEACHER = 10;
/** Of ten packages two are groups of three. */
const GROUPS = 2;
const SEATS_OF_GROUP = 3;
const STUDENTS_PER_PARTNER = 10;
const WEEKS = 25;
const LESSONS_PER_WEEK = 2;
/** The first lessons are so far ahead that nothing of the school falls due while something else is measured. */
const FIRST_WEEK = 2;
/** Packages begin one after the other within half a year. */
const BEGIN_WITHIN_WEEKS = 26;
const AT_ONCE = 8;
const DAY_MS = 86_400_000;
const ZONES = ['Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Europe/Moscow', 'Asia/Tokyo', 'America/Sao_Paulo', 'Australia/Sydney', 'Europe/London'];

export const LESSONS_PER_TEMPLATE = TEACHERS * PACKAGES_PER_TEACHER * WEEKS * LESSONS_PER_WEEK;

/** A Monday some weeks from now. The day of the week is the calendar's, the same in every zone. */
export function mondayIn(weeks: number): string {
  const today = Math.floor(systemClock.now() / DAY_MS);
  // 1970-01-01, day 0, was a Thursday.
  const monday = today - ((today + 3) % 7) + 7 * weeks;
  return formatInstant(monday * DAY_MS).slice(0, 10);
}

const hour = (value: number): string => `${String(value).padStart(2, '0')}:00`;

/** Two lessons a week, at times that no other package of the teacher has. */
const slotsOf = (index: number) => [
  { weekday: (index % 5) + 1, time: hour(8 + 4 * Math.floor(index / 5)) },
  { weekday: ((index + 2) % 5) + 1, time: hour(10 + 4 * Math.floor(index / 5)) },
];

interface PlannedPackage {
  readonly teacher: number;
  readonly index: number;
  readonly students: readonly number[];
}

function plan(): PlannedPackage[] {
  let students = 0;
  const take = (count: number): number[] => Array.from({ length: count }, () => students++);
  return Array.from({ length: TEACHERS * PACKAGES_PER_TEACHER }, (_, number) => {
    const index = number % PACKAGES_PER_TEACHER;
    return { teacher: Math.floor(number / PACKAGES_PER_TEACHER), index, students: take(index < GROUPS ? SEATS_OF_GROUP : 1) };
  });
}

const teacherName = (number: number): string => personName(SCHOOL, `t${number}`);
const studentName = (number: number): string => personName(SCHOOL, `s${number}`);
const partnerOf = (student: number): number => Math.floor(student / STUDENTS_PER_PARTNER);
const partnerName = (number: number): string => personName(SCHOOL, `p${number}`);
const zoneOf = (number: number): string => ZONES[number % ZONES.length]!;

/** Sell the template over HTTP. */
export async function sellTemplate(client: Client): Promise<void> {
  const packages = plan();
  const students = packages.flatMap((each) => each.students);
  const people = [
    ...Array.from({ length: TEACHERS }, (_, number) => ({ id: teacherName(number), role: 'teacher', zone: zoneOf(number) })),
    ...students.map((number) => ({ id: studentName(number), role: 'student', zone: zoneOf(number) })),
    ...[...new Set(students.map(partnerOf))].map((number) => ({ id: partnerName(number), role: 'partner', zone: zoneOf(number) })),
  ];
  await forEachAtOnce(people, AT_ONCE, ({ id, role, zone }) =>
    client.call(MANAGER, 'PUT', `/v1/participants/${id}`, { role, zone, locale: Number(id.at(-1)) % 2 === 0 ? 'en' : 'ru' }));
  await forEachAtOnce(Array.from({ length: TEACHERS }, (_, number) => number), AT_ONCE, (number) =>
    client.call(MANAGER, 'POST', '/v1/contracts', { teacherId: teacherName(number), zone: zoneOf(number), firstDay: '2020-01-01' }));
  await forEachAtOnce(packages, AT_ONCE, ({ teacher, index, students: seated }) =>
    client.call(MANAGER, 'POST', '/v1/packages', {
      kind: seated.length > 1 ? 'group' : 'individual', zone: zoneOf(teacher), teacherId: teacherName(teacher),
      seats: seated.map((student) => ({ studentId: studentName(student), partnerId: partnerName(partnerOf(student)) })),
      startDate: mondayIn(FIRST_WEEK + ((7 * teacher + 3 * index) % BEGIN_WITHIN_WEEKS)), weeks: WEEKS, slots: slotsOf(index), minutes: 60,
    }));
}
