import { randomUUID } from 'node:crypto';
import type { Tx } from '@schoolbell/service-kit';
import { formatInstant, type Clock } from '@schoolbell/time';
import { spanOf, timeZoneDatabaseVersion } from '@schoolbell/time/zones';
import { attendees } from '../moves/claims.ts';
import type { Actor } from '../moves/state.ts';
import type { Tell } from '../store/perform.ts';
import { claim } from '../store/hold.ts';
import { busyAround } from '../store/scenes.ts';
import { lockPersons, readTeacher } from '../store/packages.ts';
import { draft, whyNotSell, type Draft, type Order, type SaleRefusal } from './sell.ts';

const insertPackage = {
  name: 'scheduling_insert_package',
  text: `INSERT INTO package (id, kind, zone, teacher_id, start_date, weeks, reserve_weeks, starts_at, ends_at, limit_at, test_id,
                              tz_version, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
};
const insertSeats = {
  name: 'scheduling_insert_seats',
  text: `INSERT INTO seat (package_id, student_id, partner_id, joined_at)
         SELECT $1, student, partner, $4 FROM unnest($2::text[], $3::text[]) AS new (student, partner)`,
};
const insertLessons = {
  name: 'scheduling_insert_lessons',
  text: `INSERT INTO lesson (id, package_id, teacher_id, number, status, version, sequence, starts_at, minutes, wall, zone, pass, tz_version,
                             original_wall, original_start, next_action_at, next_action_kind)
         SELECT id, $1, $2, number, 'scheduled', 1, 0, starts, $3, wall, $4, pass, $5, wall, starts, ends, 'complete'
           FROM unnest($6::uuid[], $7::int[], $8::timestamptz[], $9::timestamptz[], $10::text[], $11::text[])
             AS new (id, number, starts, ends, wall, pass)`,
};
const hadTrial = {
  name: 'scheduling_had_trial',
  text: `SELECT FROM seat JOIN package ON package.id = seat.package_id
          WHERE seat.partner_id = ANY ($1::text[]) AND package.kind = 'trial' AND package.state <> 'cancelled' LIMIT 1`,
};

export interface Sold {
  readonly packageId: string;
  readonly lessonIds: readonly string[];
  readonly draft: Draft;
}

export interface SellDeps {
  readonly clock: Clock;
  readonly tell: Tell;
}

/** Creates a package with its seats and lessons, or nothing. */
export async function sell(tx: Tx, { clock, tell }: SellDeps, order: Order & { readonly testId?: string | undefined }, by: Actor): Promise<Sold | SaleRefusal> {
  const people = attendees(order);
  const partners = order.seats.map(({ partnerId }) => partnerId);
  await lockPersons(tx, [...people, ...partners]);
  const now = clock.now();
  const planned = draft(order);
  const spans = planned.lessons.map(({ instant }) => spanOf(instant, order.minutes));
  const [teacher, busy, trials] = await Promise.all([
    readTeacher(tx, order.teacherId), busyAround(tx, people, spans), tx.query(hadTrial, [partners]),
  ]);
  const refusal = whyNotSell(order, planned, now, { ...teacher, busy, hadTrial: trials.length > 0 });
  if (refusal !== undefined) return refusal;
  const sold = await write(tx, order, planned, now);
  const facts = { ...order, ...teacher, packageId: sold.packageId, limit: planned.terms.limit, tzVersion: timeZoneDatabaseVersion() };
  const lessons = sold.lessonIds.map((lessonId, index) => ({ lessonId, status: 'scheduled' as const, oldStart: spans[index]?.start ?? now }));
  await tell(tx, [{ facts, events: [{ type: 'package.sold', at: now, by, lessons }] }]);
  return sold;
}

async function write(tx: Tx, order: Order & { readonly testId?: string | undefined }, planned: Draft, now: number): Promise<Sold> {
  const packageId = randomUUID();
  const { terms, lessons } = planned;
  const version = timeZoneDatabaseVersion();
  const spans = lessons.map(({ instant }) => spanOf(instant, order.minutes));
  const lessonIds = lessons.map(() => randomUUID());
  await tx.query(insertPackage, [
    packageId, order.kind, order.zone, order.teacherId, order.startDate, order.weeks, terms.reserveWeeks, formatInstant(terms.start),
    formatInstant(terms.end), formatInstant(terms.limit), order.testId ?? null, version, formatInstant(now),
  ]);
  await Promise.all([
    tx.query(insertSeats, [
      packageId, order.seats.map(({ studentId }) => studentId), order.seats.map(({ partnerId }) => partnerId), formatInstant(now),
    ]),
    tx.query(insertLessons, [
      packageId, order.teacherId, order.minutes, order.zone, version, lessonIds, lessons.map((_, index) => index + 1),
      spans.map(({ start }) => formatInstant(start)), spans.map(({ end }) => formatInstant(end)), lessons.map(({ wall }) => wall),
      lessons.map(({ kind, instant, later, earlier }) => (kind === 'overlap' ? (instant === later && later !== earlier ? 'second' : 'first') : null)),
    ]),
  ]);
  claim(tx, lessonIds.flatMap((lessonId, index) => attendees(order).map((participantId) => ({
    participantId, lessonId, claim: lessonId, start: spans[index]?.start ?? 0, end: spans[index]?.end ?? 0,
  }))));
  return { packageId, lessonIds, draft: planned };
}
