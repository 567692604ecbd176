import { waitMs, formatInstant, systemClock } from '@schoolbell/time';
import type { BenchContext, Scenario } from '../context.ts';
import type { Figure } from '../figure.ts';
import { percentile } from '../measure/percentiles.ts';
import { difference, perUnit } from '../measure/sampler.ts';
import { checkFired, copyDue, DEADLINES_PER_COPY, sellDue } from '../school/due.ts';
import { endAt, sellLessonToEnd } from '../school/ending.ts';
import { openSchool, type School } from '../school/school.ts';

const AT_ONCE = 10_000;
const AT_ONCE_QUICK = 1000;
/** Until then everything is copied and still. */
const LEAD_MS = 30_000;
const MINUTE_MS = 60_000;
const LOOK_EVERY_MS = 100;
const GIVE_UP_MS = 120_000;
const SINGLE = 20;
const SINGLE_QUICK = 5;
const SINGLE_LEAD_MS = 3000;
/** No multiple of the poll's interval, so that deadlines fall into every part of it. */
const SINGLE_EVERY_MS = 2337;
const SINGLE_LOOK_EVERY_MS = 20;

/** Deadlines that are due at the same instant, and deadlines one by one while nothing else happens. */
export const schedulingDeadlines: Scenario = {
  name: 'scheduling-deadlines',
  group: 'scheduling',
  summary: '10,000 deadlines due at once, and how late a deadline fires when idle, 1,000,000 lessons stored',
  async run(context) {
    const school = await openSchool(context);
    return [...(await allAtOnce(context, school)), ...(await oneByOne(context, school))];
  },
};

async function allAtOnce(context: BenchContext, school: School): Promise<Figure[]> {
  const copies = (context.quick ? AT_ONCE_QUICK : AT_ONCE) / DEADLINES_PER_COPY;
  const dueMs = Math.ceil((systemClock.now() + LEAD_MS) / MINUTE_MS) * MINUTE_MS;
  const due = await sellDue(school.client, dueMs);
  await copyDue(school.stack, copies);
  const count = copies * DEADLINES_PER_COPY;
  if (systemClock.now() > dueMs) throw new Error('the deadlines were due before they were all there');

  while (systemClock.now() < dueMs - 3 * LOOK_EVERY_MS) await waitMs(LOOK_EVERY_MS);
  const before = school.stack.cpu();
  let early = 0;
  let doneMs = Number.NaN;
  while (Number.isNaN(doneMs)) {
    const carried = count - (await stillDue(school, dueMs));
    const now = systemClock.now();
    // What is answered before the instant was done before it.
    if (now < dueMs) early = Math.max(early, carried);
    if (carried >= count) doneMs = now;
    if (now > dueMs + GIVE_UP_MS) throw new Error(`${carried} of ${count} deadlines were carried out within ${GIVE_UP_MS} ms`);
    await waitMs(LOOK_EVERY_MS);
  }
  context.progress(`${count} deadlines at ${formatInstant(dueMs)}, ms CPU per deadline: ${perUnit(difference(school.stack.cpu(), before), count)}`);
  early += await checkFired(school.stack, due, copies);
  return [
    { name: 'scheduling.deadlines.seconds', label: `${count.toLocaleString('en-US')} deadlines due at once, all carried out after`, value: (doneMs - dueMs) / 1000, unit: 's', digits: 2, target: { below: 10 } },
    { name: 'scheduling.deadlines.early', label: 'deadlines carried out too early', value: early, unit: '', target: { atMost: 0 } },
  ];
}

async function oneByOne(context: BenchContext, school: School): Promise<Figure[]> {
  const count = context.quick ? SINGLE_QUICK : SINGLE;
  await sellLessonToEnd(school.client);
  const firstMs = systemClock.now() + SINGLE_LEAD_MS;
  const lessons = await endAt(school.stack, Array.from({ length: count }, (_, index) => firstMs + index * SINGLE_EVERY_MS));
  const lateMs: number[] = [];
  for (const { id, endMs, teacher } of lessons) {
    await waitMs(endMs - systemClock.now() - 5 * SINGLE_LOOK_EVERY_MS);
    for (;;) {
      const { status } = await school.client.call<{ status: string }>(teacher, 'GET', `/v1/lessons/${id}`);
      const now = systemClock.now();
      if (status === 'completed' && now < endMs) throw new Error(`lesson ${id} was over ${endMs - now} ms before its end`);
      if (status === 'completed') {
        lateMs.push(now - endMs);
        break;
      }
      await waitMs(SINGLE_LOOK_EVERY_MS);
    }
  }
  context.progress(`late when idle: ${lateMs.map((late) => late.toFixed(0)).join(', ')} ms`);
  return [
    { name: 'scheduling.idle.p50', label: 'a deadline fires when idle, after its time, p50', value: percentile(lateMs, 50), unit: 'ms' },
    { name: 'scheduling.idle.max', label: `a deadline fires when idle, after its time, latest of ${count}`, value: percentile(lateMs, 100), unit: 'ms', target: { below: 1000 } },
  ];
}

/** As the rows say: the poll and the sweep both carry out what is due. */
async function stillDue({ stack }: School, dueMs: number): Promise<number> {
  const [row] = await stack.ask<{ due: number }>(
    `SELECT count(*)::int AS due FROM scheduling.lesson WHERE status IN ('offered', 'awaiting', 'lapsed') AND next_action_at <= '${formatInstant(dueMs)}'`);
  return row!.due;
}
