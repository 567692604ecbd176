import type { Tx } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';
import { claimsOf, type Claim } from '../moves/claims.ts';
import type { Facts, Lesson, MoveRequest, Scene } from '../moves/state.ts';
import { claim, release } from './hold.ts';

/**
 * Writes what a decision changed, set-based: one statement a table, whatever the number of lessons. Nothing waits for it: it
 * travels with the COMMIT. A row that somebody changed although it was locked, which is a bug and never a race, has no next
 * version, and that refuses the whole transaction (not_null_violation).
 */

const at = (instant: number | undefined): string | null => (instant === undefined ? null : formatInstant(instant));

const updateLessons = {
  name: 'scheduling_update_lessons',
  text: `UPDATE lesson SET
           version = CASE lesson.version WHEN new.known THEN new.version END,
           status = new.status, sequence = new.sequence, starts_at = new.starts_at, wall = new.wall,
           pass = new.pass, tz_version = new.tz_version, keeps_instant = new.keeps_instant, request_id = new.request_id,
           holds_original = new.holds_original, awaiting_since = new.awaiting_since, follow_ups = new.follow_ups,
           reminded_at = new.reminded_at, unfinished_told_at = new.unfinished_told_at, limit_warned_at = new.limit_warned_at,
           lapsed_since = new.lapsed_since, manager_reminders = new.manager_reminders, extended_limit = new.extended_limit,
           absences = new.absences,
           next_action_at = new.next_action_at, next_action_kind = new.next_action_kind
         FROM json_to_recordset($1::json) AS new (
           id uuid, known integer, status text, version integer, sequence integer, starts_at timestamptz, wall text, pass text,
           tz_version text, keeps_instant boolean, request_id uuid, holds_original boolean, awaiting_since timestamptz,
           follow_ups integer, reminded_at timestamptz, unfinished_told_at timestamptz, limit_warned_at timestamptz,
           lapsed_since timestamptz, manager_reminders integer, extended_limit timestamptz, absences jsonb, next_action_at timestamptz,
           next_action_kind text)
         WHERE lesson.id = new.id`,
};

const lessonRow = (lesson: Lesson, known: number) => ({
  id: lesson.id, known, status: lesson.status, version: lesson.version, sequence: lesson.sequence, starts_at: at(lesson.start),
  wall: lesson.wall, pass: lesson.pass ?? null, tz_version: lesson.tzVersion, keeps_instant: lesson.keepsInstant,
  request_id: lesson.requestId ?? null, holds_original: lesson.holdsOriginal, awaiting_since: at(lesson.awaitingSince),
  follow_ups: lesson.followUps, reminded_at: at(lesson.remindedAt), unfinished_told_at: at(lesson.unfinishedToldAt),
  limit_warned_at: at(lesson.limitWarnedAt), lapsed_since: at(lesson.lapsedSince), manager_reminders: lesson.managerReminders,
  extended_limit: at(lesson.extendedLimit), absences: lesson.absences.length === 0 ? null : lesson.absences, next_action_at: at(lesson.next?.at), next_action_kind: lesson.next?.kind ?? null,
});

const upsertRequests = {
  name: 'scheduling_upsert_requests',
  text: `INSERT INTO move_request AS known (id, package_id, scope, status, outcome, origin, opened_by_id, opened_by_role,
                                            detached_from, offers, version, created_at, closed_at)
         SELECT id, package_id, scope, status, outcome, origin, opened_by_id, opened_by_role, detached_from, offers, version,
                now_at, CASE WHEN status = 'closed' THEN now_at END
           FROM json_to_recordset($1::json) AS new (
             id uuid, package_id uuid, scope text, status text, outcome text, origin text, opened_by_id text, opened_by_role text,
             detached_from uuid, offers jsonb, version integer, now_at timestamptz)
         ON CONFLICT (id) DO UPDATE SET
           scope = excluded.scope, status = excluded.status, outcome = excluded.outcome, opened_by_id = excluded.opened_by_id,
           opened_by_role = excluded.opened_by_role, offers = excluded.offers, closed_at = excluded.closed_at,
           version = CASE WHEN known.version < excluded.version THEN excluded.version END`,
};

const requestRow = (request: MoveRequest, now: number) => ({
  id: request.id, package_id: request.packageId, scope: request.scope, status: request.status, outcome: request.outcome ?? null,
  origin: request.origin, opened_by_id: request.openedBy.id, opened_by_role: request.openedBy.role,
  detached_from: request.detachedFrom ?? null, offers: request.offers, version: request.version, now_at: at(now),
});

/** One scene before and after its decision, with the facts it was decided by. */
export interface Change {
  readonly before: Scene;
  readonly after: Scene;
  readonly facts: Pick<Facts, 'teacherId' | 'seats'>;
}

export function saveChanges(tx: Tx, changes: readonly Change[], now: number): void {
  const requests = changes.flatMap(({ before, after }) => {
    const known = new Map(before.requests.map((request) => [request.id, request.version]));
    return after.requests.filter(({ id, version }) => known.get(id) !== version);
  });
  const lessons = changes.flatMap(({ before, after }) => {
    const known = new Map(before.lessons.map((lesson) => [lesson.id, lesson]));
    return after.lessons.flatMap((lesson) => {
      const old = known.get(lesson.id) as Lesson;
      return sameRow(old, lesson) ? [] : [lessonRow(lesson, old.version)];
    });
  });
  const slots = changes.map(changedSlots);
  // In this order: lessons point at requests, and all slots that go are gone before any comes, because a lesson may take the one
  // that another gives up.
  if (requests.length > 0) tx.send(upsertRequests, [JSON.stringify(requests.map((request) => requestRow(request, now)))]);
  if (lessons.length > 0) tx.send(updateLessons, [JSON.stringify(lessons)]);
  release(tx, slots.flatMap(({ releasing }) => releasing), slots.flatMap(({ kept }) => kept));
  claim(tx, slots.flatMap(({ claimed }) => claimed));
}

function sameRow(one: Lesson, other: Lesson): boolean {
  return one.version === other.version && one.next?.at === other.next?.at && one.next?.kind === other.next?.kind;
}

/** Lessons that no longer hold all they did, with everything that they hold now, and the slots that are new. */
function changedSlots({ before, after, facts }: Change): { releasing: string[]; kept: Claim[]; claimed: Claim[] } {
  const [old, held] = [before, after].map((scene) => new Map(claimsOf(scene, facts).map((one) => [textOf(one), one]))) as [Map<string, Claim>, Map<string, Claim>];
  const releasing = new Set([...old].filter(([text]) => !held.has(text)).map(([, { lessonId }]) => lessonId));
  return {
    releasing: [...releasing],
    kept: [...held.values()].filter(({ lessonId }) => releasing.has(lessonId)),
    claimed: [...held].filter(([text]) => !old.has(text)).map(([, one]) => one),
  };
}

const textOf = ({ participantId, lessonId, claim: whose, start, end }: Claim): string => `${participantId} ${lessonId} ${whose} ${start} ${end}`;
