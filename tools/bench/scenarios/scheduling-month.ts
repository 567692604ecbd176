import { formatInstant, parseInstant, seededRandom } from '@schoolbell/time';
import type { BenchContext, Scenario } from '../context.ts';
import type { PlannedRequest } from '../generator/requests.ts';
import { ratePerSecond } from '../generator/generator.ts';
import { percentile } from '../measure/percentiles.ts';
import { difference, perUnit } from '../measure/sampler.ts';
import { copiedPerson, openSchool, type School } from '../school/school.ts';
import { bearerToken, type Role } from '../school/token.ts';

const CLIENTS = 16;
const WARM_UP = 8000;
const MONTH_MS = 31 * 86_400_000;
/** Nobody's own: the reader's zone is asked for. */
const ZONES = ['America/St_Johns', 'Asia/Kolkata', 'Pacific/Auckland', 'Africa/Cairo', 'America/Los_Angeles'];
const PER_REQUEST = 3;

/** A participant's month, each client with the next request as soon as it has the answer. */
export const schedulingMonth: Scenario = {
  name: 'scheduling-month',
  group: 'scheduling',
  summary: 'a participant\'s month in another zone, 16 clients, 1,000,000 lessons stored',
  async run(context) {
    const school = await openSchool(context);
    const count = context.quick ? 3000 : 20_000;
    const lengths = await warmUp(context, school);
    await context.generator.prepareRequests(months(school, count, context.seed), school.url);
    const before = school.stack.cpu();
    const load = await context.generator.load({ url: school.url, from: 0, to: count, connections: CLIENTS }, 200);
    const rate = ratePerSecond(load);
    context.progress(`${rate.toFixed(0)} months/s, ${lengths}, ms CPU per request: ${perUnit(difference(school.stack.cpu(), before), count)}`);
    return [
      { name: 'scheduling.month.p50', label: `a month in another zone, ${CLIENTS} clients, p50`, value: percentile(load.latenciesMs, 50), unit: 'ms', digits: 1 },
      { name: 'scheduling.month.p99', label: `a month in another zone, ${CLIENTS} clients, p99`, value: percentile(load.latenciesMs, 99), unit: 'ms', digits: 1, target: { below: 15 } },
      { name: 'scheduling.month.rate', label: `months per second, ${CLIENTS} clients`, value: rate, unit: '/s' },
    ];
  },
};

/** Compiles code and makes plans, and looks at what is answered: a month that has lessons, rendered in the zone asked for. */
async function warmUp(context: BenchContext, school: School): Promise<string> {
  const planned = months(school, WARM_UP, context.seed + 1);
  let lessons = 0;
  let bytes = 0;
  const looked = planned.slice(0, 200);
  for (const { path, token } of looked) {
    const response = await fetch(school.url + path, { headers: { authorization: `Bearer ${token}` } });
    const text = await response.text();
    const { items } = JSON.parse(text) as { items: { start: string; text: string }[] };
    if (items.length === 0) throw new Error(`${path} has no lessons`);
    lessons += items.length;
    bytes += text.length;
  }
  await context.generator.prepareRequests(planned, school.url);
  await context.generator.load({ url: school.url, from: 0, to: WARM_UP, connections: CLIENTS }, 200);
  return `${(lessons / looked.length).toFixed(1)} lessons and ${(bytes / looked.length / 1024).toFixed(1)} KiB each`;
}

/** Months of people chosen evenly from all who take part in a lesson, each beginning with a lesson of theirs. */
export function months(school: School, count: number, seed: number): PlannedRequest[] {
  const random = seededRandom(seed);
  const people = peopleOf(school);
  return Array.from({ length: count }, (_, index) => {
    const { id, role, startMs } = people[Math.floor(random() * people.length)]!;
    const person = copiedPerson(id, Math.floor(random() * school.copies));
    const zone = ZONES[index % ZONES.length]!;
    const [from, to] = [startMs, startMs + MONTH_MS].map((instant) => formatInstant(instant));
    return {
      method: 'GET', token: bearerToken(person, role),
      path: `/v1/lessons?from=${from}&to=${to}&zone=${zone}&language=${index % 2 === 0 ? 'en' : 'ru'}`,
    };
  });
}

/** Everybody of the template, some months of each. */
function peopleOf({ lessons }: School): { id: string; role: Role; startMs: number }[] {
  const starts = new Map<string, { role: Role; startsMs: number[] }>();
  const add = (id: string, role: Role, startMs: number): void => {
    const known = starts.get(id);
    if (known === undefined) starts.set(id, { role, startsMs: [startMs] });
    else known.startsMs.push(startMs);
  };
  for (const { teacherId, studentIds, partnerIds, startMs } of lessons) {
    add(teacherId, 'teacher', startMs);
    for (const id of studentIds) add(id, 'student', startMs);
    for (const id of new Set(partnerIds)) add(id, 'partner', startMs);
  }
  const sorted = [...starts].sort(([one], [other]) => (one < other ? -1 : 1));
  return sorted.flatMap(([id, { role, startsMs }]) =>
    Array.from({ length: PER_REQUEST }, (_, index) => ({ id, role, startMs: monthOf(startsMs[Math.floor((index * startsMs.length) / PER_REQUEST)]!) })));
}

/** The first instant of the month, in UTC: the reader may be anywhere. */
const monthOf = (instant: number): number => parseInstant(`${formatInstant(instant).slice(0, 7)}-01T00:00Z`);
