import type { Clock, Random } from '@schoolbell/time';
import type { Destination } from '../destination/compile.ts';
import { classify, describeExchange, type Outcome } from '../http-client/classify.ts';
import type { Exchange } from '../http-client/exchange.ts';
import type { Sender } from '../http-client/sender.ts';
import { compose } from '../message/compose.ts';
import { decideRow, type Verdict } from '../wanted/decide.ts';
import type { Job } from '../wanted/job.ts';
import type { Ended } from './report.ts';

/** One request as the attempt log keeps it. */
export interface Attempted {
  readonly job: Pick<Job, 'destinationId' | 'key' | 'revision'> & { readonly kind: Job['kind'] | 'test' };
  readonly webhookId: string;
  readonly at: number;
  readonly outcome: Outcome['kind'] | 'transform-failed';
  readonly exchange: Exchange;
}

/** Send one claimed message and judge what came of it. Never rejects but for a bug. */
export async function deliver(
  job: Job,
  deps: { destination: Destination; sender: Sender; clock: Clock; random: Random; stillWanted: () => boolean; log: (attempted: Attempted) => void },
): Promise<Ended> {
  const { destination, sender, clock, random } = deps;
  const at = clock.now();
  const composed = compose(destination, job, at);
  if (!composed.ok) {
    const { detail } = composed;
    deps.log({ job, webhookId: composed.id, at, outcome: 'transform-failed', exchange: { kind: 'not-sent', durationMs: 0, detail } });
    const verdict: Verdict = { kind: 'park', attempts: job.attempts, waitedMs: job.waitedMs, reason: 'transform-failed' };
    return { job, outcome: { kind: 'not-sent' }, verdict, failure: detail };
  }
  const exchange = await sender.send({
    body: composed.body,
    headers: composed.headers,
    // The deadline of a request that begins now must lie within the lease, or another replica may begin it too.
    mayStart: () => deps.stillWanted() && clock.now() + destination.timeoutMs <= job.leaseUntil,
  });
  const now = clock.now();
  const outcome = classify(exchange, now);
  deps.log({ job, webhookId: composed.id, at, outcome: outcome.kind, exchange });
  const verdict = decideRow(outcome, job, now, random);
  return { job, outcome, verdict, failure: outcome.kind === 'success' ? '' : describeExchange(exchange) };
}
