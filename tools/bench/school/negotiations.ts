import { formatInstant, parseInstant, seededRandom, type Random } from '@schoolbell/time';
import type { Step } from '../generator/negotiate.ts';
import { bearerToken, type Role } from './token.ts';
import { copiedLesson, copiedPerson, type School, type TemplateLesson } from './school.ts';

/** Of a hundred negotiations, so many are declined, and so many agreed only after a counter; the rest are approved at once. */
const SHARES = { declined: 0.15, countered: 0.25 };
/** Of a hundred moves so many are about a whole series of an individual package. */
const SERIES_SHARE = 0.05;
const DAY_MS = 86_400_000;
const SATURDAY = 6;
const SUNDAY = 7;

interface Voice {
  readonly id: string;
  readonly role: Role;
}

/**
 * Negotiations about lessons from all over the school, none of them named twice. Offers lie on the weekend of the lesson's
 * week, at an hour of the package's own, where everybody is free.
 */
export function planNegotiations(school: School, count: number, seed: number): Step[][] {
  const random = seededRandom(seed);
  const { lessons, copies } = school;
  // Each package of each copy is named once: a series takes all of its lessons.
  const packages = Map.groupBy(lessons, ({ packageId }) => packageId);
  const all = [...packages.values()].flatMap((own) => Array.from({ length: copies }, (_, copy) => ({ own, copy })));
  if (all.length < count) throw new Error(`${count} negotiations need as many packages, there are ${all.length}`);
  shuffle(all, random);
  return all.slice(0, count).map(({ own, copy }) => planOne(own, copy, random));
}

function planOne(own: readonly TemplateLesson[], copy: number, random: Random): Step[] {
  const isSeries = own[0]!.kind === 'individual' && random() < SERIES_SHARE;
  // A series begins in the first half, so that more than one lesson is left of it.
  const lesson = own[Math.floor(random() * own.length * (isSeries ? 0.5 : 1))]!;
  const teaching: Voice = { id: copiedPerson(lesson.teacherId, copy), role: 'teacher' };
  // In a group every seat must agree: the partner speaks for all of them at once.
  const partners = new Set(lesson.partnerIds);
  const learning: Voice = lesson.kind === 'individual' && random() < 0.5
    ? { id: copiedPerson(lesson.studentIds[0]!, copy), role: 'student' }
    : { id: copiedPerson(lesson.partnerIds[0]!, copy), role: 'partner' };
  const [asking, answering] = partners.size > 1 || random() < 0.5 ? [learning, teaching] : [teaching, learning];
  const to = (weekday: number): { wall: string } => ({ wall: onWeekday(lesson, weekday) });
  const ask: Step = {
    path: `/v1/lessons/${copiedLesson(lesson, copy)}/requests`, token: bearerToken(asking.id, asking.role),
    body: JSON.stringify({ scope: isSeries ? 'series' : 'lesson', to: to(SUNDAY) }),
  };
  const answer = (by: Voice, verb: string, body: object): Step => ({
    path: `/v1/requests/:request/${verb}`, token: bearerToken(by.id, by.role), body: JSON.stringify(body),
  });
  const chance = random();
  if (chance < SHARES.declined) return [ask, answer(answering, 'decline', { offer: 1 })];
  if (chance > SHARES.declined + SHARES.countered) return [ask, answer(answering, 'approve', { offer: 1 })];
  return [ask, answer(answering, 'counter', { offer: 1, to: to(SATURDAY) }), answer(asking, 'approve', { offer: 2 })];
}

/** That day of the lesson's own week, at the package's own hour. */
function onWeekday({ wall, index }: TemplateLesson, weekday: number): string {
  const day = parseInstant(`${wall.slice(0, 10)}T00:00Z`);
  const from = ((day / DAY_MS + 3) % 7) + 1;
  const date = formatInstant(day + (weekday - from) * DAY_MS).slice(0, 10);
  return `${date}T${String(8 + index).padStart(2, '0')}:00`;
}

function shuffle(items: unknown[], random: Random): void {
  for (let index = items.length - 1; index > 0; index -= 1) {
    const other = Math.floor(random() * (index + 1));
    [items[index], items[other]] = [items[other], items[index]];
  }
}
