import type { BenchContext, Scenario } from '../context.ts';
import { ratePerSecond } from '../generator/generator.ts';
import type { NegotiateOptions, NegotiateResult } from '../generator/negotiate.ts';
import { percentile } from '../measure/percentiles.ts';
import { difference, perUnit } from '../measure/sampler.ts';
import { planNegotiations } from '../school/negotiations.ts';
import { openSchool, type School } from '../school/school.ts';

const CONNECTIONS = 16;
/** Enough that no command waits for a connection unless the service is behind. */
const OPEN_CONNECTIONS = 64;
const OPEN_RATE = 100;
const SECONDS = 30;
/** Left out at the beginning of the open loop: code is compiled, plans are made. */
const WARM_UP_SECONDS = 5;
const WAITING = 32;

/** Requests for moves and the answers to them, as many of each as negotiations have. */
export const schedulingMoves: Scenario = {
  name: 'scheduling-moves',
  group: 'scheduling',
  summary: 'requests and answers: latency at 100 per second, and how many per second in all, 1,000,000 lessons stored',
  async run(context) {
    const school = await openSchool(context);
    const seconds = WARM_UP_SECONDS + (context.quick ? 5 : SECONDS);
    const open = seconds * OPEN_RATE;
    const closed = context.quick ? 300 : 6000;
    // A negotiation has two commands at least.
    const [half, rest] = [open, closed].map((commands) => commands / 2 + WAITING) as [number, number];
    const planned = planNegotiations(school, half + rest, context.seed);

    const paced = await measure(context, school, `at ${OPEN_RATE}/s`, {
      url: school.url, negotiations: planned.slice(0, half), commands: open, connections: OPEN_CONNECTIONS, waiting: WAITING, ratePerSecond: OPEN_RATE,
    });
    const full = await measure(context, school, 'closed loop', {
      url: school.url, negotiations: planned.slice(half), commands: closed, connections: CONNECTIONS, waiting: WAITING,
    });
    const measured = paced.latenciesMs.subarray(WARM_UP_SECONDS * OPEN_RATE);
    return [
      { name: 'scheduling.moves.p50', label: `requests and answers at ${OPEN_RATE}/s, p50`, value: percentile(measured, 50), unit: 'ms', digits: 1 },
      { name: 'scheduling.moves.p99', label: `requests and answers at ${OPEN_RATE}/s, p99`, value: percentile(measured, 99), unit: 'ms', digits: 1, target: { below: 40 } },
      { name: 'scheduling.moves.rate', label: `requests and answers, ${CONNECTIONS} connections`, value: ratePerSecond(full), unit: '/s', target: { atLeast: 300 } },
    ];
  },
};

/** Drives negotiations, and counts what is in the audit trail afterwards: every command is there once. */
async function measure(context: BenchContext, { stack }: School, label: string, options: NegotiateOptions): Promise<NegotiateResult> {
  const movesBefore = await countMoves(stack);
  const before = stack.cpu();
  const result = await context.generator.negotiate(options);
  const cpu = perUnit(difference(stack.cpu(), before), options.commands);
  const told = (await countMoves(stack)) - movesBefore;
  if (told !== options.commands) throw new Error(`${options.commands} commands left ${told} transitions`);
  context.progress(`${label}: ${ratePerSecond(result).toFixed(0)}/s, sent as requests, first and second answers: ${result.sent.join(', ')}, ms CPU per command: ${cpu}`);
  return result;
}

async function countMoves(stack: School['stack']): Promise<number> {
  const [row] = await stack.ask<{ count: string }>("SELECT count(*)::text AS count FROM scheduling.transition WHERE type LIKE 'move.%'");
  return Number(row!.count);
}
