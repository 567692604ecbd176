import { z } from 'zod';
import { defineEvent } from '../envelope.ts';
import { Identifier } from '../identifiers.ts';

/** Every transition of a lesson or a move request, in past tense. Each has an event of its own. */
export const SCHEDULING_TRANSITIONS = {
  'move.requested': 'Somebody asks to move a lesson or a series.',
  'move.proposed': 'Somebody proposes a new time for a lesson that awaits one.',
  'move.countered': 'The open offer was answered with another time, which replaces it.',
  'move.agreed': 'One of several who must agree has agreed.',
  'move.approved': 'Everybody agreed: the lessons are at their new times.',
  'move.declined': 'Somebody declined; lessons whose old time is ahead are back at it, others await a new one.',
  'move.withdrawn': 'Who asked has taken it back, with the same effect.',
  'move.expired': 'Nobody agreed in time: the system declined the offer.',
  'move.closed': 'Circumstances ended the request, such as a replaced teacher.',
  'move.reminded': 'An hour before the old start the move is unfinished.',
  'move.unfinished': 'The old start is lost and no new time is agreed.',
  'move.rederived': 'A new time-zone database moves an offered time; its wall clock stays.',
  'lesson.detached': 'Its series goes on without this lesson, which awaits a time of its own.',
  'lesson.restored': 'The lesson is back at its old time.',
  'lesson.followed-up': 'The lesson still awaits a new time.',
  'lesson.limit-neared': 'A week is left to agree on a time.',
  'lesson.lapsed': 'No time was agreed until the limit: the manager decides.',
  'lesson.manager-asked': 'The manager has not decided yet.',
  'lesson.set': 'The manager set a time.',
  'lesson.limit-extended': 'The manager gave both sides more time.',
  'lesson.rederived': 'A new time-zone database moves the lesson; its wall clock stays.',
  'lesson.instant-kept': 'A new time-zone database would move the lesson; it stays where it is for now.',
  'lesson.uncovered': "The teacher's contract no longer covers the lessons: a new time or teacher is needed.",
  'lesson.suspended': 'Its package is frozen: the lesson does not take place and awaits a new time.',
  'lesson.completed': 'The lesson is over.',
  'lesson.missed': 'Somebody did not come.',
  'lesson.cancelled': 'The lesson will not take place.',
  'package.sold': 'A package was bought; its lessons are scheduled.',
  'package.seat-joined': 'A student joined the group.',
  'package.seat-left': 'A student left the group.',
  'package.too-small': 'A group has fewer than two students: partner and manager are asked what to do, each day until it is decided.',
  'package.size-accepted': 'The manager lets a group go on with one student.',
  'package.teacher-replaced': 'Another teacher takes over the lessons ahead.',
  'package.part-done': 'A part of an assessment is done: test, essay or lesson.',
  'package.completed': 'All three parts of an assessment are done.',
  'package.frozen': 'The package rests: no lesson of it is moved, and none takes place.',
  'package.resumed': 'The package goes on.',
  'package.cancelled': 'The package was cancelled, and its lessons ahead with it.',
} as const;
export type SchedulingTransition = keyof typeof SCHEDULING_TRANSITIONS;

const instant = z.iso.datetime();

/** Where and in which language a person reads times. Never a name or an address. */
export const SchedulingPerson = z.object({
  id: Identifier,
  role: z.enum(['teacher', 'student', 'partner', 'manager']),
  zone: z.string(),
  locale: z.string(),
});

const By = z.object({ id: z.string(), role: z.enum(['teacher', 'student', 'partner', 'manager', 'system']) });

/** What calendars show of a lesson after the event (RFC 5545); its UID is `<lessonId>@schoolbell`. */
export const SchedulingCalendar = z.object({
  start: instant,
  end: instant,
  sequence: z.int().nonnegative(),
  status: z.enum(['CONFIRMED', 'TENTATIVE', 'CANCELLED']),
});

/** What a notice needs: who, what, old and new instants, zones, and what happens if nobody acts. No secret links. */
export const SchedulingData = z.object({
  at: instant,
  packageId: z.string(),
  packageKind: z.enum(['trial', 'assessment', 'individual', 'group']),
  /** Zone of the agreed wall clocks. */
  packageZone: z.string(),
  by: By,
  requestId: z.string().optional(),
  /** Of the request after the event: commands may name it, and an event with a greater one has overtaken this. */
  requestVersion: z.int().positive().optional(),
  /** `tz-database`: no person asks; a new time-zone database does, and its expiry leaves the lesson as it is. */
  requestOrigin: z.enum(['people', 'tz-database']).optional(),
  offer: z.int().positive().optional(),
  /** Who made that offer. */
  offeredBy: By.optional(),
  reason: z.string().optional(),
  /** A reminder that was due is part of this notice. */
  reminderIncluded: z.boolean().optional(),
  /** Ids of people who can still answer for those who have not. */
  waitingFor: z.array(z.string()).default([]),
  /** Everybody who takes part. */
  people: z.array(SchedulingPerson),
  /** The school's managers, where the event concerns them. */
  managers: z.array(SchedulingPerson).default([]),
  /** People who took part until this event. */
  former: z.array(SchedulingPerson).default([]),
  lessons: z.array(
    z.object({
      lessonId: z.string(),
      status: z.enum(['scheduled', 'offered', 'awaiting', 'lapsed', 'completed', 'missed', 'cancelled']),
      oldStart: instant,
      newStart: instant.optional(),
      reason: z.string().optional(),
      next: z.object({ at: instant, kind: z.string() }).optional(),
      calendar: SchedulingCalendar.optional(),
      /** The open offer must be answered before. */
      answerBy: instant.optional(),
      /** Without a new time until then the lesson goes to the manager. */
      limitAt: instant.optional(),
      /** Before, either side alone may put the lesson back to its old start. */
      restorableUntil: instant.optional(),
    }),
  ),
  /** Who did not come to the lesson, as it is known after the event, and who said so. */
  absent: z.array(z.object({ id: Identifier, role: z.enum(['teacher', 'student']), reportedBy: By })).optional(),
  /** Lessons of a series that the move leaves out, and the codes of the rules they would break. */
  leftOut: z.array(z.object({ lessonId: z.string(), codes: z.array(z.string()) })).default([]),
});
export type SchedulingData = z.infer<typeof SchedulingData>;

/** The event of one transition: type `scheduling.move.requested.v1` on the subject `scheduling.move.requested`. */
export const schedulingEvent = (transition: SchedulingTransition) => EVENTS[transition];

const EVENTS = Object.fromEntries(
  Object.entries(SCHEDULING_TRANSITIONS).map(([transition, description]) => [
    transition,
    defineEvent({ type: `scheduling.${transition}.v1`, subject: `scheduling.${transition}`, data: SchedulingData, description }),
  ]),
) as Readonly<Record<SchedulingTransition, ReturnType<typeof defineEvent<string, typeof SchedulingData>>>>;

/** All of them, for consumers and documents. */
export const schedulingEvents = Object.freeze(Object.values(EVENTS));
