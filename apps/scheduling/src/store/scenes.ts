import type { Tx } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';
import type { Interval } from '@schoolbell/time/zones';
import type { NextActionKind } from '../moves/next-action.ts';
import type { Absence, Actor, Busy, Lesson, LessonStatus, MoveRequest, Offer, RequestOutcome, RequestStatus, Scene } from '../moves/state.ts';
import type { Scope } from '../packages/kinds.ts';
import { LESSON_MINUTES_MAX } from '../packages/terms.ts';

const MINUTE_MS = 60_000;

/** Reads lessons and requests as decisions know them. Everything here runs under the package's lock. */

export const LESSON_COLUMNS = `id, package_id AS "packageId", teacher_id AS "teacherId", status, version, sequence, starts_at AS "startsAt", minutes, wall, zone, pass,
  tz_version AS "tzVersion", keeps_instant AS "keepsInstant", request_id AS "requestId", holds_original AS "holdsOriginal",
  awaiting_since AS "awaitingSince", follow_ups AS "followUps", reminded_at AS "remindedAt", unfinished_told_at AS "unfinishedToldAt",
  limit_warned_at AS "limitWarnedAt", lapsed_since AS "lapsedSince", manager_reminders AS "managerReminders",
  extended_limit AS "extendedLimit", absences, next_action_at AS "nextActionAt", next_action_kind AS "nextActionKind"`;

export interface LessonRow {
  readonly id: string;
  readonly packageId: string;
  readonly teacherId: string;
  readonly status: LessonStatus;
  readonly version: number;
  readonly sequence: number;
  readonly startsAt: Date;
  readonly minutes: number;
  readonly wall: string;
  readonly zone: string;
  readonly pass: 'first' | 'second' | null;
  readonly tzVersion: string;
  readonly keepsInstant: boolean;
  readonly requestId: string | null;
  readonly holdsOriginal: boolean;
  readonly awaitingSince: Date | null;
  readonly followUps: number;
  readonly remindedAt: Date | null;
  readonly unfinishedToldAt: Date | null;
  readonly limitWarnedAt: Date | null;
  readonly lapsedSince: Date | null;
  readonly managerReminders: number;
  readonly extendedLimit: Date | null;
  readonly absences: readonly Absence[] | null;
  readonly nextActionAt: Date | null;
  readonly nextActionKind: NextActionKind | null;
}

const ms = (date: Date | null): number | undefined => date?.getTime() ?? undefined;

export function toLesson({ startsAt, nextActionAt, nextActionKind, ...row }: LessonRow): Lesson {
  return {
    ...row,
    start: startsAt.getTime(),
    pass: row.pass ?? undefined,
    requestId: row.requestId ?? undefined,
    awaitingSince: ms(row.awaitingSince),
    remindedAt: ms(row.remindedAt),
    unfinishedToldAt: ms(row.unfinishedToldAt),
    limitWarnedAt: ms(row.limitWarnedAt),
    lapsedSince: ms(row.lapsedSince),
    extendedLimit: ms(row.extendedLimit),
    absences: row.absences ?? [],
    next: nextActionAt === null || nextActionKind === null ? undefined : { at: nextActionAt.getTime(), kind: nextActionKind },
  };
}

const statement = (name: string, where: string) => ({
  name: `scheduling_lessons_${name}`,
  text: `SELECT ${LESSON_COLUMNS} FROM lesson WHERE ${where} ORDER BY starts_at, id`,
});
const byId = statement('by_id', 'id = ANY ($1::uuid[])');
const byRequest = statement('by_request', 'request_id = ANY ($1::uuid[])');
const scheduledOfPackage = statement('scheduled', "package_id = (SELECT package_id FROM lesson WHERE id = $1) AND status = 'scheduled'");
const openOfPackage = statement('open', "package_id = $1 AND status IN ('scheduled', 'offered', 'awaiting', 'lapsed')");
const toDerive = statement('to_derive', `package_id = ANY ($1::uuid[]) AND tz_version <> $2 AND (starts_at > $3::timestamptz OR status = 'offered')
  AND status IN ('scheduled', 'offered', 'awaiting')`);
const due = statement('due', 'package_id = ANY ($1::uuid[]) AND next_action_at <= $2::timestamptz');

async function lessons(tx: Tx, which: ReturnType<typeof statement>, values: unknown[]): Promise<Lesson[]> {
  return (await tx.query<LessonRow>(which, values)).map(toLesson);
}
export const lessonsById = (tx: Tx, ids: readonly string[]): Promise<Lesson[]> => lessons(tx, byId, [ids]);
export const lessonsOfRequests = (tx: Tx, ids: readonly string[]): Promise<Lesson[]> => lessons(tx, byRequest, [ids]);
/** Scheduled lessons of the same package, the lesson itself among them. */
export const scheduledBeside = (tx: Tx, lessonId: string): Promise<Lesson[]> => lessons(tx, scheduledOfPackage, [lessonId]);
/** Lessons ahead that another release of the time-zone database derived. */
export const lessonsToDerive = (tx: Tx, packageIds: readonly string[], version: string, now: number): Promise<Lesson[]> =>
  lessons(tx, toDerive, [packageIds, version, formatInstant(now)]);

// "Another version" as two ranges, each in the order of its index and with a limit: nearly always there is none among a million lessons.
// Without the order the plan, which is made once for all versions, expects a third of them and reads them all.
const otherVersion = (range: '<' | '>'): string => `(SELECT package_id FROM lesson
  WHERE tz_version ${range} $1 AND (starts_at > $2::timestamptz OR status = 'offered') AND status IN ('scheduled', 'offered', 'awaiting') AND package_id <> ALL ($3::uuid[])
  ORDER BY tz_version, package_id LIMIT 25 * $4)`;
const packagesWithOld = {
  name: 'scheduling_packages_to_derive',
  text: `SELECT DISTINCT package_id AS id FROM (${otherVersion('<')} UNION ALL ${otherVersion('>')}) AS old LIMIT $4`,
};
export const packagesToDerive = async (tx: Tx, version: string, now: number, known: readonly string[], limit: number): Promise<string[]> =>
  (await tx.query<{ id: string }>(packagesWithOld, [version, formatInstant(now), known, limit])).map(({ id }) => id);

/** Lessons that are not over. */
export const openLessons = (tx: Tx, packageId: string): Promise<Lesson[]> => lessons(tx, openOfPackage, [packageId]);
export const dueLessons = (tx: Tx, packageIds: readonly string[], now: number): Promise<Lesson[]> =>
  lessons(tx, due, [packageIds, formatInstant(now)]);

export const REQUEST_COLUMNS = `id, package_id AS "packageId", scope, status, outcome, origin, opened_by_id AS "openedById",
  opened_by_role AS "openedByRole", detached_from AS "detachedFrom", offers, version`;
const requestsById = {
  name: 'scheduling_requests_by_id',
  text: `SELECT ${REQUEST_COLUMNS} FROM move_request WHERE id = ANY ($1::uuid[])`,
};

export interface RequestRow {
  readonly id: string;
  readonly packageId: string;
  readonly scope: Scope;
  readonly status: RequestStatus;
  readonly outcome: RequestOutcome | null;
  readonly origin: MoveRequest['origin'];
  readonly openedById: string;
  readonly openedByRole: Actor['role'];
  readonly detachedFrom: string | null;
  readonly offers: readonly Offer[];
  readonly version: number;
}

export const toRequest = ({ openedById, openedByRole, outcome, detachedFrom, ...row }: RequestRow): MoveRequest => ({
  ...row,
  openedBy: { id: openedById, role: openedByRole },
  outcome: outcome ?? undefined,
  detachedFrom: detachedFrom ?? undefined,
});

export const readRequests = async (tx: Tx, ids: readonly string[]): Promise<MoveRequest[]> =>
  (await tx.query<RequestRow>(requestsById, [ids])).map(toRequest);

/** A request with all the lessons that it claims. */
export async function readThread(tx: Tx, requestId: string): Promise<Scene> {
  const [requests, lessons] = await Promise.all([readRequests(tx, [requestId]), lessonsOfRequests(tx, [requestId])]);
  return { requests, lessons };
}

// What is held there ends after the first slot begins, and before the longest lesson that begins in the last one. The index
// answers that; the slots themselves filter.
const readBusy = {
  name: 'scheduling_busy',
  text: `SELECT participant_id AS "participantId", lesson_id AS "lessonId", lower(during) AS "start", upper(during) AS "end"
           FROM slot_claim
          WHERE participant_id = ANY ($1::text[])
            AND upper(during) > $4::timestamptz AND upper(during) < $5::timestamptz
            AND during && (SELECT range_agg(tstzrange(s, e)) FROM unnest($2::timestamptz[], $3::timestamptz[]) AS slot (s, e))`,
};

/** Slots that people hold around the given ones. */
export async function busyAround(tx: Tx, people: readonly string[], slots: readonly Interval[]): Promise<Busy[]> {
  if (slots.length === 0) return [];
  const rows = await tx.query<{ participantId: string; lessonId: string; start: Date; end: Date }>(readBusy, [
    people, slots.map(({ start }) => formatInstant(start)), slots.map(({ end }) => formatInstant(end)),
    formatInstant(Math.min(...slots.map(({ start }) => start))),
    formatInstant(Math.max(...slots.map(({ end }) => end)) + LESSON_MINUTES_MAX * MINUTE_MS),
  ]);
  return rows.map(({ start, end, ...row }) => ({ ...row, start: start.getTime(), end: end.getTime() }));
}
