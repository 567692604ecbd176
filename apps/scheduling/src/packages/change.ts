import type { Tx } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';
import { spanOf } from '@schoolbell/time/zones';
import { claimsOf } from '../moves/claims.ts';
import { refuse, type LessonBreak } from '../moves/refusals.ts';
import { conflicts, contractBreaks } from '../moves/rules.ts';
import { type Actor, type Facts, type Lesson, type Scene, type Seat } from '../moves/state.ts';
import { SYSTEM } from '../moves/work.ts';
import { claim, release } from '../store/hold.ts';
import { readTeacher } from '../store/packages.ts';
import { busyAround } from '../store/scenes.ts';
import { isOpen, KIND_RULES } from './kinds.ts';
import { closeOffers, openPackage, packageEvent, refresh, type ChangeDeps, type Changed } from './open.ts';
import { noteSize } from './small-groups.ts';

/** Changes of who is in a package: a seat joins or leaves, the teacher is replaced. */

/** A lesson that began stays with those who are in it, the teacher and the students, and holds their slots to its end. */
const isAhead = ({ status, start }: Lesson, now: number): boolean => status !== 'scheduled' || start > now;

/** Holds follow the people: the same slots, other persons. */
function holdFor(tx: Tx, scene: Scene, people: Pick<Facts, 'teacherId' | 'seats'>, now: number): void {
  const lessons = scene.lessons.filter((lesson) => isAhead(lesson, now));
  const held = claimsOf({ ...scene, lessons }, people);
  release(tx, lessons.map(({ id }) => id), held);
  claim(tx, held);
}

/**
 * May this lesson hold its own slot once the open offers have ended? One that is on offer goes back to it also when it does
 * not hold it any more but it is free, so it counts as held: whether it is free for those who are in it now says little about
 * somebody new.
 */
const mayHoldSlot = ({ status, holdsOriginal, start }: Lesson, now: number): boolean =>
  start > now && (status === 'scheduled' || status === 'offered' || holdsOriginal);

/** Lessons that somebody new cannot take part in. */
async function breaksFor(tx: Tx, lessons: readonly Lesson[], now: number, person: string, as: 'teacher' | 'student'): Promise<LessonBreak[]> {
  const held = lessons.filter((lesson) => mayHoldSlot(lesson, now));
  const [busy, teacher] = await Promise.all([
    busyAround(tx, [person], held.map(({ start, minutes }) => spanOf(start, minutes))), as === 'teacher' ? readTeacher(tx, person) : undefined,
  ]);
  return held.flatMap((lesson) => {
    const slot = spanOf(lesson.start, lesson.minutes);
    const unavailable = teacher?.unavailable(slot);
    const codes = [
      ...(teacher === undefined ? [] : contractBreaks(slot, teacher)), ...(unavailable === undefined ? [] : [unavailable]),
      ...conflicts(slot, { teacherId: as === 'teacher' ? person : '' }, busy),
    ];
    return codes.length === 0 ? [] : [{ lessonId: lesson.id, oldStart: lesson.start, newStart: lesson.start, codes }];
  });
}

// Who comes back has joined when they first did: or they would lose sight of the lessons that they were there for. With another
// partner it is a new seat: they were not there before.
const insertSeat = {
  name: 'scheduling_insert_seat',
  text: `INSERT INTO seat AS known (package_id, student_id, partner_id, joined_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (package_id, student_id) DO UPDATE SET partner_id = excluded.partner_id, left_at = NULL,
           joined_at = CASE WHEN known.partner_id = excluded.partner_id THEN known.joined_at ELSE excluded.joined_at END`,
};
const raiseVersion = { name: 'scheduling_raise_package_version', text: 'UPDATE package SET version = version + 1 WHERE id = $1' };
const leaveSeat = {
  name: 'scheduling_leave_seat',
  text: 'UPDATE seat SET left_at = $3 WHERE package_id = $1 AND student_id = $2',
};

export async function joinGroup(
  tx: Tx, deps: ChangeDeps, packageId: string, seat: Seat, by: Actor, ifVersion?: number,
): Promise<Changed> {
  const opened = await openPackage(tx, deps, packageId, { people: [seat.studentId], ifVersion });
  if (opened === 'unknown' || 'stale' in opened) return opened;
  const { facts, now } = opened;
  if (facts.kind !== 'group') return refuse('not-a-group');
  if (!isOpen(opened.state)) return refuse('package-not-active');
  if (facts.seats.some(({ studentId }) => studentId === seat.studentId)) return refuse('seat-taken');
  if (facts.seats.length >= KIND_RULES.group.seats.max) return refuse('seats-wrong');
  const breaks = await breaksFor(tx, opened.scene.lessons, now, seat.studentId, 'student');
  if (breaks.length > 0) return refuse('package-collides', { lessons: breaks });
  const scene = await closeOffers(tx, deps, opened, 'group-changed');
  const after = { ...facts, seats: [...facts.seats, seat] };
  await tx.query(insertSeat, [packageId, seat.studentId, seat.partnerId, formatInstant(now)]);
  await tx.query(raiseVersion, [packageId]);
  await noteSize(tx, packageId, after.seats.length, now);
  holdFor(tx, scene, after, now);
  await deps.tell(tx, [{ facts: after, events: [packageEvent('package.seat-joined', by, now, [], seat.studentId)] }]);
  return undefined;
}

/** Below two students the partners and the manager are asked what to do, and again until it is decided. */
export async function leaveGroup(
  tx: Tx, deps: ChangeDeps, packageId: string, studentId: string, by: Actor, ifVersion?: number,
): Promise<Changed> {
  const opened = await openPackage(tx, deps, packageId, { ifVersion });
  if (opened === 'unknown' || 'stale' in opened) return opened;
  const { facts, now } = opened;
  if (facts.kind !== 'group') return refuse('not-a-group');
  if (!isOpen(opened.state)) return refuse('package-not-active');
  if (!facts.seats.some((seat) => seat.studentId === studentId)) return refuse('seat-unknown');
  const scene = await closeOffers(tx, deps, opened, 'group-changed');
  const after = { ...facts, seats: facts.seats.filter((seat) => seat.studentId !== studentId) };
  await tx.query(leaveSeat, [packageId, studentId, formatInstant(now)]);
  await tx.query(raiseVersion, [packageId]);
  await noteSize(tx, packageId, after.seats.length, now);
  holdFor(tx, scene, after, now);
  const small = after.seats.length < KIND_RULES.group.seats.min;
  await deps.tell(tx, [{
    facts, events: [packageEvent('package.seat-left', by, now, [], studentId), ...(small ? [packageEvent('package.too-small', SYSTEM, now, [])] : [])],
  }]);
  return undefined;
}

const replace = {
  package: { name: 'scheduling_replace_teacher', text: 'UPDATE package SET teacher_id = $2, version = version + 1 WHERE id = $1' },
  lessons: {
    name: 'scheduling_replace_teacher_of_lessons',
    text: 'UPDATE lesson SET teacher_id = $2, version = version + 1 WHERE id = ANY ($1::uuid[])',
  },
};

/** The lessons ahead go to another teacher, who must be free for all of them. */
export async function replaceTeacher(
  tx: Tx, deps: ChangeDeps, packageId: string, teacherId: string, by: Actor, ifVersion?: number,
): Promise<Changed> {
  const opened = await openPackage(tx, deps, packageId, { people: [teacherId], ifVersion });
  if (opened === 'unknown' || 'stale' in opened) return opened;
  const { facts, now } = opened;
  if (!isOpen(opened.state)) return refuse('package-not-active');
  if (facts.teacherId === teacherId) return refuse('same-teacher');
  const breaks = await breaksFor(tx, opened.scene.lessons, now, teacherId, 'teacher');
  if (breaks.length > 0) return refuse('package-collides', { lessons: breaks });
  const scene = await closeOffers(tx, deps, opened, 'teacher-replaced');
  const ahead = scene.lessons.filter((lesson) => isAhead(lesson, now));
  await tx.query(replace.package, [packageId, teacherId]);
  await tx.query(replace.lessons, [ahead.map(({ id }) => id), teacherId]);
  const after = { ...facts, teacherId, ...(await readTeacher(tx, teacherId)) };
  holdFor(tx, scene, after, now);
  await refresh(tx, deps, after, now);
  await deps.tell(tx, [{ facts: after, events: [packageEvent('package.teacher-replaced', by, now, ahead, facts.teacherId)] }]);
  return undefined;
}
