/**
 * Every refusal: a code for machines and a sentence for people. The sentence says what is wrong and the way out; the edge
 * gives the code its HTTP status.
 */
export const REFUSALS = {
  // Rules about the offered time (rules 1 to 3, and what else a slot must respect).
  'offer-in-past': 'The offered time is past.',
  'offer-too-near': 'The offered time is so near that the offer would expire at once: it must be more than 10 minutes ahead.',
  'offer-same-time': 'The offered time is the time the lesson has already.',
  'beyond-package-limit': 'The lesson would end after the package and its reserve weeks.',
  'beyond-contract-end': "The lesson would end after the teacher's contract.",
  'outside-contract': 'The teacher is not under contract at the offered time.',
  'outside-working-hours': "The offered time is outside the teacher's working hours.",
  'teacher-day-off': 'The teacher has a day off at the offered time.',
  'teacher-busy': 'The teacher has another lesson, or an open offer, at the offered time.',
  'student-busy': 'A student has another lesson, or an open offer, at the offered time.',
  // Rules about the moment and the state.
  'too-late-to-ask': 'A lesson can be asked to move until 10 minutes before it starts.',
  'lesson-not-scheduled': 'Only a scheduled lesson can be asked to move.',
  'lesson-not-lapsed': 'Only a lapsed lesson is decided by the manager.',
  'request-open': 'The lesson is already being moved: answer the open request instead.',
  'request-closed': 'The request is closed.',
  'no-open-offer': 'There is no open offer to answer: propose a new time.',
  'offer-expired': 'The offer expired 10 minutes before its time: propose a new one.',
  'offer-superseded': 'The offer was replaced by a newer one: answer that one.',
  'lesson-not-offered': 'The lesson that the new time is of is no longer part of the offer: look again and name one that is.',
  'already-agreed': 'You have agreed to this offer already: others are missing.',
  'offer-open': 'An offer is open: decline or withdraw it instead.',
  'restore-too-late': 'A lesson can return to its old time until 10 minutes before that; propose a new time.',
  'original-slot-held': 'The old time is taken by now, by another lesson or an open offer: propose another time.',
  'package-frozen': 'The package is frozen: its lessons can be moved again when it is resumed.',
  // Who may what.
  'not-a-participant': 'You take no part in this lesson.',
  'role-may-not-move': 'Your role may not ask to move this in a package of this kind.',
  'own-offer': 'Your side made this offer: the other side answers it.',
  'not-your-request': 'Only who asked, or their partner, may withdraw.',
  'role-may-not-decide': 'Only the manager may do this.',
  'role-may-not-cancel': 'Your role may not cancel this lesson.',
  'too-late-to-cancel': 'It is too late to cancel this lesson.',
  'role-may-not-report': 'Your role may not report this about the lesson.',
  'not-your-report': 'Somebody else reported this: they or the manager can take it back.',
  'already-reported': 'This is reported already.',
  'absent-unknown': 'Only the teacher and the students of the lesson can have stayed away.',
  'lesson-not-held': 'Only a lesson that has its time can be reported on.',
  'not-over-yet': 'The lesson has not started yet.',
  'too-late-to-report': 'It is too late to change how the lesson went.',
  'lesson-final': 'The lesson is over or cancelled.',
  // Series.
  'lessons-break-rules': 'Some lessons of the series cannot move like this: see the list, leave them out or offer another time.',
  'series-too-small': 'A series move needs at least two lessons: ask to move the single lesson.',
  'unknown-lesson-left-out': 'A lesson to be left out is not part of this move.',
  'exclusion-not-needed': 'Only a lesson that breaks a rule can be left out of an open offer.',
  // Packages.
  'package-collides': 'Some lessons of the package cannot take place: see the list.',
  'lesson-in-past': 'The lesson would have started already.',
  'beyond-package-end': 'The lesson would end after the package: reserve weeks are for moves only.',
  'seats-wrong': 'A package of this kind has another number of students, each of them once.',
  'package-not-active': 'The package is completed or cancelled.',
  'package-not-frozen': 'Only a frozen package can be resumed.',
  'seat-taken': 'This student is in the group already.',
  'seat-unknown': 'This student is not in the group.',
  'not-a-group': 'Only a group has seats that join and leave.',
  'group-not-small': 'Nothing is to be decided about the size of this group.',
  'group-empty': 'Nobody is left in the group: a student joins, or the package is cancelled.',
  'same-teacher': 'This teacher teaches the package already.',
  'not-an-assessment': 'Only an assessment has parts.',
  'trial-taken': 'This partner had a trial already.',
  'trial-over': 'A trial is bought and held within two weeks of registration.',
  'beyond-extended-limit': 'The new limit must be later than now and than the present limit.',
} as const satisfies Record<string, string>;

export type RefusalCode = keyof typeof REFUSALS;

/** A lesson that a command cannot be applied to, and why. */
export interface LessonBreak {
  readonly lessonId: string;
  readonly oldStart: number;
  readonly newStart: number;
  readonly codes: readonly RefusalCode[];
}

/** An expected no. It changes nothing; deadlines that had passed before it still take effect. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly detail: string;
  readonly lessons?: readonly LessonBreak[];
  /** The open request or offer that stands in the way. */
  readonly requestId?: string;
  readonly offer?: number;
}

export const refuse = (code: RefusalCode, more: Omit<Refusal, 'code' | 'detail'> = {}): Refusal => ({
  code, detail: REFUSALS[code], ...more,
});
