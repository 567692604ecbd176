import type { Clause, Words } from './words.ts';

const lessons = ({ lessons: n }: Clause): string => (n === 1 ? 'the lesson' : n === 0 ? 'lessons' : `${n} lessons`);
const by = (clause: Clause, you: string, other: string): string => (clause.by.you ? `You ${you}` : `${clause.by.name} ${other}`);
const some = (n: number, one: string, more: string): string[] => (n === 0 ? [] : [n === 1 ? one : `${n} ${more}`]);
const PARTS: Readonly<Record<string, string>> = { test: 'The test', essay: 'The essay', lesson: 'The lesson' };

export const en: Words = {
  you: 'you',
  roleName(role, reader) {
    if (role === 'teacher') return reader === 'student' || reader === 'partner' ? 'your teacher' : 'the teacher';
    if (role === 'student') return reader === 'teacher' ? 'your student' : 'a student';
    return role === 'partner' ? 'the partner' : "the school's manager";
  },
  headline: {
    asked: (c) => by(c, `asked to move ${lessons(c)}`, `asks to move ${lessons(c)}`),
    proposed: (c) => by(c, `proposed a new time for ${lessons(c)}`, `proposes a new time for ${lessons(c)}`),
    countered: (c) => by(c, `answered with another time for ${lessons(c)}`, `answers with another time for ${lessons(c)}`),
    agreed: (c) => by(c, `agreed to the new time of ${lessons(c)}`, `agrees to the new time of ${lessons(c)}`),
    approved: (c) => (c.lessons === 1 ? 'The lesson is moved: everybody agreed' : `${c.lessons} lessons are moved: everybody agreed`),
    declined: (c) => by(c, `declined the new time of ${lessons(c)}`, `declines the new time of ${lessons(c)}`),
    withdrawn: (c) => by(c, `took back the request to move ${lessons(c)}`, `takes back the request to move ${lessons(c)}`),
    expired: (c) => (c.byDatabase ? 'Nobody decided: the lesson stays as it is' : 'No agreement in time: the new time of the lesson is declined'),
    closed: (c) => `The request to move ${lessons(c)} has ended`,
    reminded: (c) => `The new time of ${lessons(c)} still needs an answer`,
    unfinished: (c) => `The old time of ${lessons(c)} is lost: a new one is needed`,
    detached: () => 'The lesson is no longer part of the move of its series',
    restored: (c) => by(c, 'put the lesson back to its old time', 'puts the lesson back to its old time'),
    'followed-up': () => 'The lesson still awaits a new time',
    'limit-neared': () => 'Time is running out: the lesson still awaits a new time',
    lapsed: ({ reader }) =>
      (reader === 'manager' ? 'A lesson awaits your decision: no new time was agreed' : 'No new time was agreed: the manager decides about the lesson'),
    'manager-asked': () => 'A lesson still awaits your decision',
    'time-set': (c) => by(c, 'set a new time for the lesson', 'sets a new time for the lesson'),
    'limit-extended': (c) => by(c, 'gave both sides more time for the lesson', 'gives both sides more time for the lesson'),
    'zone-rules-asked': () => 'New clock rules would move the lesson: please answer',
    'zone-rules-moved-offer': () => 'New clock rules move the offered time of the lesson',
    'zone-rules-moved': () => 'New clock rules move the lesson',
    'zone-rules-kept': () => 'New clock rules would move the lesson: it stays where it is for now',
    uncovered: (c) => (c.reader === 'teacher' ? `Your contract no longer covers ${lessons(c)}` : `The teacher's contract no longer covers ${lessons(c)}`),
    missed: () => 'Somebody did not come to the lesson',
    cancelled: (c) => (c.by.system ? 'The lesson is cancelled' : by(c, 'cancelled the lesson', 'cancels the lesson')),
    suspended: () => 'The lesson does not take place, because its package rests: a new time is needed',
    sold: (c) => `The package is bought: ${lessons(c)} ${c.lessons === 1 ? 'is' : 'are'} scheduled`,
    'seat-joined': ({ person }) => (person.you ? 'You joined the group' : `${person.name} joins the group`),
    'seat-left': ({ person }) => (person.you ? 'You left the group' : `${person.name} leaves the group`),
    'too-small': () => 'The group has too few students',
    'size-accepted': () => 'The group goes on with one student',
    'teacher-replaced': ({ person, former }) => {
      if (former) return 'Another teacher takes over your lessons ahead';
      return person.you ? 'You take over the lessons ahead' : `${person.name} takes over the lessons ahead`;
    },
    'part-done': ({ part = '' }) => `${PARTS[part] ?? 'A part'} of the assessment is done`,
    'package-completed': () => 'The assessment is complete',
    'package-frozen': () => 'The package rests: no lesson of it is moved, and none takes place',
    'package-resumed': () => 'The package goes on',
    'package-cancelled': () => 'The package is cancelled, and its lessons ahead with it',
  },
  first: (when) => `first ${when}`,
  reminderIncluded: 'The old time begins within an hour.',
  endings: ({ back, pastStart, slotTaken }) => [
    ...some(back, 'The lesson is back at its old time.', 'lessons are back at their old times.'),
    ...some(pastStart, 'Its old time is past, so the lesson awaits a new one.', 'lessons await new times, because the old ones are past.'),
    ...some(slotTaken, 'Its old time is taken by now, so the lesson awaits a new one.', 'lessons await new times, because the old ones are taken by now.'),
  ],
  closedBecause: { 'teacher-replaced': 'Another teacher takes over.', 'group-changed': 'The group has changed.' },
  reason: (text) => `Reason given: ${text}`,
  yourAnswer: 'Your answer is needed.',
  waitingFor: (names) => `Waiting for an answer from: ${names}.`,
  notAnswered: (names) => `There was no agreement from: ${names}.`,
  leftOut: (n) => (n === 1 ? 'One lesson is left out of the move and keeps its time.' : `${n} lessons are left out of the move and keep their times.`),
  anySideProposes: 'Either side may propose a new time.',
  restorable: (until) => `Until ${until} either side may also put it back to its old time.`,
  absent: (names, who) => `Not there: ${names}. Reported by: ${who}.`,
  uncovered: 'A new time or another teacher is needed.',
  tooSmall: (reader) => (reader === 'manager' ? 'Please agree with the partner on what happens to it.' : 'Please tell the school what should happen to it.'),
  wallClockStays: (city) => `The agreed time on the clocks of ${city} stays the same.`,
  ifNobody: {
    declined: (time) => `Without agreement before ${time} the offer is declined by the system, and the lesson awaits another time.`,
    oldTimeLost: (time) => `From ${time} on the lesson can no longer return to its old time.`,
    detached: (time) => `Without agreement each lesson leaves the move ten minutes before its new time, the first at ${time}.`,
    staysAsItIs: (time) => `Without agreement before ${time} the lesson stays at its present time.`,
    lapses: (time) => `Without a new time before ${time} the school's manager decides about the lesson.`,
    remindedAgain: (time) => `You are reminded again at ${time}.`,
  },
};
