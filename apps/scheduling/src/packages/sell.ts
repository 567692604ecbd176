import { spanOf, type CalendarDate, type Occurrence, type WeeklySlot } from '@schoolbell/time/zones';
import { attendees } from '../moves/claims.ts';
import { refuse, type Refusal, type RefusalCode } from '../moves/refusals.ts';
import { conflicts, contractBreaks } from '../moves/rules.ts';
import type { Busy, Facts, Seat } from '../moves/state.ts';
import { KIND_RULES, type PackageKind } from './kinds.ts';
import { packageLessons, packageTerms, trialUntil, type PackageTerms } from './terms.ts';

/** A purchase as it is asked for. */
export interface Order {
  readonly kind: PackageKind;
  readonly zone: string;
  readonly teacherId: string;
  readonly seats: readonly Seat[];
  readonly startDate: CalendarDate;
  readonly weeks: number;
  readonly slots: readonly WeeklySlot[];
  readonly minutes: number;
  readonly reserveWeeks?: number | undefined;
  /** Of a trial: when its partner registered (epoch ms). */
  readonly registeredAt?: number | undefined;
  /** The partner's zone then: the two weeks are counted on its clocks. Default: the package's. */
  readonly registeredZone?: string | undefined;
}

/** The package that an order stands for, before anybody is asked whether they are free. */
export interface Draft {
  readonly terms: PackageTerms;
  readonly lessons: readonly Occurrence[];
}

export function draft(order: Order): Draft {
  const until = order.kind === 'trial' && order.registeredAt !== undefined ? trialUntil(order.registeredAt, order.registeredZone ?? order.zone) : undefined;
  const terms = packageTerms({
    ...order, ...(order.reserveWeeks === undefined ? {} : { reserveWeeks: order.reserveWeeks }),
    ...(until === undefined ? {} : { trialUntil: until }),
  });
  return { terms, lessons: packageLessons(order.kind, order.startDate, order.zone, order.weeks, order.slots) };
}

/** A lesson that cannot take place, by its place in the package, and why. */
export interface SlotBreak {
  readonly number: number;
  readonly wall: string;
  readonly start: number;
  readonly codes: readonly RefusalCode[];
}

export type SaleRefusal = Refusal & { readonly slots?: readonly SlotBreak[] };

/** Why an order cannot be sold, or undefined. `hadTrial`: one of its partners had a trial before. */
export function whyNotSell(
  order: Order, { terms, lessons }: Draft, now: number,
  facts: Pick<Facts, 'contracts' | 'unavailable' | 'busy'> & { readonly hadTrial: boolean },
): SaleRefusal | undefined {
  const { seats } = KIND_RULES[order.kind];
  const students = new Set(order.seats.map(({ studentId }) => studentId));
  if (students.size !== order.seats.length || students.size < seats.min || students.size > seats.max) return refuse('seats-wrong');
  if (order.kind === 'trial') {
    if (facts.hadTrial) return refuse('trial-taken');
    const { registeredAt } = order;
    if (registeredAt === undefined || registeredAt > now || now >= terms.limit) return refuse('trial-over');
  }
  const slots = lessons.flatMap(({ wall, instant }, index) => {
    const codes = breaksOfSlot(index, order, { terms, lessons }, now, facts);
    return codes.length === 0 ? [] : [{ number: index + 1, wall, start: instant, codes }];
  });
  return slots.length === 0 ? undefined : { ...refuse('package-collides'), slots };
}

function breaksOfSlot(
  index: number, order: Order, { terms, lessons }: Draft, now: number, facts: Pick<Facts, 'contracts' | 'unavailable' | 'busy'>,
): RefusalCode[] {
  const slot = spanOf((lessons[index] as Occurrence).instant, order.minutes);
  const unavailable = facts.unavailable(slot);
  // Lessons of the order itself stand in each other's way too.
  const before = lessons[index - 1];
  const own: Busy[] = before === undefined ? [] : attendees(order).map((participantId) =>
    ({ participantId, lessonId: '', ...spanOf(before.instant, order.minutes) }));
  return [
    ...(slot.start <= now ? ['lesson-in-past' as const] : []),
    ...(slot.end > terms.end ? ['beyond-package-end' as const] : []),
    ...contractBreaks(slot, facts),
    ...(unavailable === undefined ? [] : [unavailable]),
    ...conflicts(slot, order, [...facts.busy, ...own]),
  ];
}
