import type { CalendarStatus } from '@schoolbell/icalendar';
import { report } from '../lessons/attendance.ts';
import { cancel } from '../lessons/lifecycle.ts';
import { approve, close, counter, decline, withdraw } from './answering.ts';
import { catchUp } from './catch-up.ts';
import type { Command, CommandOf, CommandType } from './commands.ts';
import type { MoveEvent } from './events.ts';
import { extendLimit, setTime } from './managing.ts';
import { nextAction } from './next-action.ts';
import { propose, request } from './offering.ts';
import type { Refusal } from './refusals.ts';
import { restore } from './restoring.ts';
import { endOf, type Facts, type Lesson, type Scene } from './state.ts';
import { createWork, type Work } from './work.ts';

/** The scene after the command, what came true, and the refusal if there was one. */
export interface Decision {
  readonly scene: Scene;
  readonly events: readonly MoveEvent[];
  /** The command changed nothing; deadlines that had passed before it still did. */
  readonly refusal?: Refusal;
}

type Handler<Type extends CommandType> = (work: Work, command: CommandOf<Type>) => Refusal | undefined;
const HANDLERS: { readonly [Type in CommandType]: Handler<Type> } = {
  tick: () => undefined,
  request, propose, approve, counter, decline, withdraw, restore, close,
  'set-time': setTime, 'extend-limit': extendLimit, cancel, report,
};

/**
 * The whole negotiation as one pure function: what is, what is asked, the instant of decision (epoch ms, read after the
 * lock), and facts that it may not change. Deadlines that have passed are carried out first, so a command at or after one
 * meets the state behind it.
 */
export function decide(scene: Scene, command: Command, now: number, facts: Facts): Decision {
  const overdue = createWork(scene, facts, now);
  catchUp(overdue);
  const work = createWork(overdue.scene(), facts, now);
  const refusal = (HANDLERS[command.type] as Handler<CommandType>)(work, command);
  if (refusal !== undefined) return { scene: finish(scene, overdue.scene(), facts), events: overdue.events(), refusal };
  return { scene: finish(scene, work.scene(), facts), events: [...overdue.events(), ...work.events()] };
}

/** Each lesson with its next action, and with the calendar's sequence raised if what calendars show has changed. */
export function finish(before: Scene, after: Scene, facts: Facts): Scene {
  const known = new Map(before.lessons.map((lesson) => [lesson.id, lesson]));
  const lessons = after.lessons.map((lesson) => {
    const old = known.get(lesson.id) ?? lesson;
    const next = nextAction(lesson, after.requests.find(({ id }) => id === lesson.requestId), facts);
    return { ...lesson, next, sequence: old.sequence + (shown(old) === shown(lesson) ? 0 : 1) };
  });
  return { ...after, lessons };
}

const CALENDAR_STATUS: Readonly<Record<Lesson['status'], CalendarStatus>> = {
  scheduled: 'CONFIRMED', completed: 'CONFIRMED', missed: 'CONFIRMED',
  offered: 'TENTATIVE', awaiting: 'TENTATIVE', lapsed: 'TENTATIVE', cancelled: 'CANCELLED',
};
/** What a calendar shows of a lesson (RFC 5545: SEQUENCE rises when one of these does). */
export const calendarStatus = (lesson: Pick<Lesson, 'status'>): CalendarStatus => CALENDAR_STATUS[lesson.status];
const shown = (lesson: Lesson): string => `${lesson.start} ${endOf(lesson)} ${calendarStatus(lesson)}`;
