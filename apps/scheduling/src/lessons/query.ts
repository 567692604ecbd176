import { createBatcher, instantArray, integerArray, textArray, uuidArray, type Database, type Metrics } from '@schoolbell/service-kit';
import { formatInstant, type Clock } from '@schoolbell/time';
import { Gauge } from 'prom-client';
import type { NextActionKind } from '../moves/next-action.ts';
import type { PackageKind } from '../packages/kinds.ts';
import { openItems, type Lesson, type Offer } from '../moves/state.ts';
import { IN_THE_AIR, SEAT_SHOWS_LESSON } from './access.ts';

/** Reads timetables. Nothing here takes a lock. */

/** What people see of a lesson's row. */
export type SeenLesson = Pick<Lesson,
  'id' | 'packageId' | 'status' | 'version' | 'sequence' | 'start' | 'minutes' | 'wall' | 'zone' | 'pass' | 'keepsInstant' | 'requestId' | 'absences' | 'next'>;

/** A lesson as its participants see it. */
export interface TimetableLesson {
  readonly lesson: SeenLesson;
  readonly kind: PackageKind;
  readonly teacherId: string;
  readonly number: number;
  readonly originalStart: number;
  /** The slot that the open offer gives it. */
  readonly offered?: { readonly offer: number; readonly start: number; readonly wall: string };
}

// Instants as numbers, and nothing that is not shown: a month of lessons is read far more often than anything else.
type Row = Omit<SeenLesson, 'pass' | 'requestId' | 'absences' | 'next'> & Pick<TimetableLesson, 'kind' | 'teacherId' | 'number' | 'originalStart'> & {
  readonly pass: SeenLesson['pass'] | null;
  readonly requestId: string | null;
  readonly absences: SeenLesson['absences'] | null;
  readonly nextAt: number | null;
  readonly nextKind: NextActionKind | null;
  readonly offers: Offer[] | null;
};

const BESIDE = 'JOIN package ON package.id = lesson.package_id LEFT JOIN move_request ON move_request.id = lesson.request_id';
const FROM = `FROM lesson ${BESIDE}`;
const ms = (column: string): string => `date_part('epoch', lesson.${column}) * 1000`;
const SELECT = `SELECT lesson.id, lesson.package_id AS "packageId", lesson.status, lesson.version, lesson.sequence, ${ms('starts_at')} AS "start",
  lesson.minutes, lesson.wall, lesson.zone, lesson.pass, lesson.keeps_instant AS "keepsInstant", lesson.request_id AS "requestId", lesson.absences,
  ${ms('next_action_at')} AS "nextAt", lesson.next_action_kind AS "nextKind", package.kind AS "kind", lesson.teacher_id AS "teacherId",
  lesson.number AS "number", ${ms('original_start')} AS "originalStart", move_request.offers AS "offers"`;

// Each lateral part: a teacher by the lessons, a student or partner by their seats, each one index range a package. Nobody is
// both: a participant has one role for ever, so the two never name the same lesson. What a seat shows is SEAT_SHOWS_LESSON, for
// all seats of somebody in a package at once: asked of each lesson it costs half as much again.
const ofParticipants = {
  name: 'scheduling_timetables',
  text: `${SELECT}, asked.place::int AS "place"
           FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::timestamptz[], $5::uuid[], $6::int[])
                WITH ORDINALITY AS asked (person, since, until, after_start, after_id, length, place)
          CROSS JOIN LATERAL (
                SELECT own.*
                  FROM (SELECT lesson.* FROM lesson WHERE teacher_id = asked.person AND starts_at >= asked.since AND starts_at < asked.until
                        UNION ALL
                        SELECT lesson.*
                          FROM (SELECT package_id, range_agg(tstzrange(joined_at, left_at)) AS during, bool_or(left_at IS NULL) AS stays
                                  FROM seat WHERE (student_id = asked.person OR partner_id = asked.person) AND (left_at IS NULL OR left_at > joined_at)
                                 GROUP BY package_id) AS taken
                          JOIN lesson ON lesson.package_id = taken.package_id AND lesson.starts_at >= asked.since AND lesson.starts_at < asked.until
                                     AND (taken.during @> lesson.starts_at OR (taken.stays AND ${IN_THE_AIR}))
                       ) AS own
                 WHERE (own.starts_at, own.id) > (asked.after_start, asked.after_id)
                 ORDER BY own.starts_at, own.id LIMIT asked.length
                ) AS lesson ${BESIDE}
          ORDER BY asked.place, lesson.starts_at, lesson.id`,
};
const byId = { name: 'scheduling_lesson_view', text: `${SELECT} ${FROM} WHERE lesson.id = $1` };
const ofPackage = {
  name: 'scheduling_lessons_of_package',
  text: `${SELECT} ${FROM} WHERE lesson.package_id = $1
           AND (NOT EXISTS (SELECT FROM seat WHERE package_id = $1 AND (student_id = $2 OR partner_id = $2))
                OR EXISTS (SELECT FROM seat WHERE package_id = $1 AND (student_id = $2 OR partner_id = $2) AND ${SEAT_SHOWS_LESSON}))
          ORDER BY lesson.number`,
};
const awaiting = {
  name: 'scheduling_awaiting_lessons',
  text: `${SELECT} ${FROM} WHERE lesson.status IN ('offered', 'awaiting', 'lapsed') AND ($1::text IS NULL OR lesson.status = $1)
           AND (lesson.next_action_at, lesson.id) > ($2::timestamptz, $3::uuid)
          ORDER BY lesson.next_action_at, lesson.id LIMIT $4`,
};

/** Where a page begins: after the last row of the one before. */
export interface Cursor {
  readonly at: number;
  readonly id: string;
}
/** Before every row. */
export const FIRST: Cursor = { at: 0, id: '00000000-0000-0000-0000-000000000000' };

export interface Timetable {
  /** Lessons of somebody that start in `from <= t < to`, in order. Rejects with BatchUnavailableError. */
  ofParticipant(id: string, range: { from: number; to: number }, page: { after?: Cursor | undefined; limit: number }): Promise<TimetableLesson[]>;
  /** As somebody of it sees it: students and partners what is of their seats. */
  ofPackage(id: string, seenBy: string): Promise<TimetableLesson[]>;
  find(id: string): Promise<TimetableLesson | undefined>;
  /** Everything that awaits a time, by when something happens next. */
  awaiting(filter: { status?: string | undefined }, page: { after?: Cursor | undefined; limit: number }): Promise<TimetableLesson[]>;
}

/** Whose lessons, of when, and which page of them. */
interface Asked {
  readonly id: string;
  readonly from: number;
  readonly to: number;
  readonly after: Cursor;
  readonly limit: number;
}

/**
 * What is asked of the database in one turn of the loop is one statement, whoever asks: with 16 at once a timetable costs half
 * of what it costs alone. Beside three on their way the next ones wait.
 */
const TOGETHER = { maxRows: 16, maxInFlight: 3, maxQueued: 2000, maxWaitMs: 5000 };

export function createTimetable({ db, clock, metrics }: { db: Database; clock: Clock; metrics: Metrics }): Timetable {
  const read = async (statement: typeof byId, values: unknown[]): Promise<TimetableLesson[]> => (await db.query<Row>(statement, values)).map(view);
  const together = createBatcher<Asked, TimetableLesson[]>({ ...TOGETHER, clock, flush: (asked) => readTogether(db, asked) });
  new Gauge({
    name: 'scheduling_timetables_queued',
    help: 'Timetables that wait for a statement.',
    registers: [metrics.registry],
    collect() {
      this.set(together.queued());
    },
  });
  return {
    ofParticipant: (id, { from, to }, { after = { at: from - 1, id: FIRST.id }, limit }) => together.submit({ id, from, to, after, limit }),
    ofPackage: (id, seenBy) => read(ofPackage, [id, seenBy]),
    find: async (id) => (await read(byId, [id]))[0],
    awaiting: ({ status }, { after = FIRST, limit }) => read(awaiting, [status ?? null, formatInstant(after.at), after.id, limit]),
  };
}

async function readTogether(db: Database, asked: readonly Asked[]): Promise<TimetableLesson[][]> {
  const rows = await db.query<Row & { place: number }>(ofParticipants, [
    textArray(asked.map(({ id }) => id)), instantArray(asked.map(({ from }) => from)), instantArray(asked.map(({ to }) => to)),
    instantArray(asked.map(({ after }) => after.at)), uuidArray(asked.map(({ after }) => after.id)), integerArray(asked.map(({ limit }) => limit)),
  ]);
  const found: TimetableLesson[][] = asked.map(() => []);
  for (const row of rows) found[row.place - 1]!.push(view(row));
  return found;
}

function view({ kind, teacherId, number, originalStart, offers, nextAt, nextKind, ...row }: Row): TimetableLesson {
  const lesson: SeenLesson = {
    id: row.id, packageId: row.packageId, status: row.status, version: row.version, sequence: row.sequence, start: Math.round(row.start),
    minutes: row.minutes, wall: row.wall, zone: row.zone, pass: row.pass ?? undefined, keepsInstant: row.keepsInstant,
    requestId: row.requestId ?? undefined, absences: row.absences ?? [],
    next: nextAt === null || nextKind === null ? undefined : { at: Math.round(nextAt), kind: nextKind },
  };
  const open = offers?.findLast(({ status }) => status === 'open');
  const item = openItems(open).find(({ lessonId }) => lessonId === lesson.id);
  return {
    lesson, kind, teacherId, number, originalStart: Math.round(originalStart),
    ...(open === undefined || item === undefined ? {} : { offered: { offer: open.number, start: item.start, wall: item.wall } }),
  };
}
