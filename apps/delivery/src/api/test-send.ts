import { randomUUID } from 'node:crypto';
import type { Clock } from '@schoolbell/time';
import { z } from 'zod';
import type { Destination } from '../destination/compile.ts';
import type { Attempted } from '../dispatch/delivery.ts';
import { classify, describeExchange } from '../http-client/classify.ts';
import type { Sender } from '../http-client/sender.ts';
import { compose } from '../message/compose.ts';
import { sampleMessage } from '../message/sample.ts';

export const TestSendResult = z.object({
  webhookId: z.string(),
  outcome: z.enum(['success', 'client-error', 'rate-limited', 'gone', 'breaker-failure', 'not-sent', 'transform-failed']),
  status: z.int().nullable(),
  durationMs: z.int(),
  detail: z.string(),
  answer: z.string().describe('The first bytes of the answer.'),
  sent: z.object({ body: z.string(), headers: z.array(z.string()).describe('Names of the headers that were sent.') }),
});
export type TestSendResult = z.infer<typeof TestSendResult>;

/**
 * Send a signed sample, marked with the header `schoolbell-test: true`, past the claims: also while the destination is
 * paused, disabled, or its circuit open, because that is when somebody wants to know. What comes of it counts for
 * nothing.
 */
export async function testSend(
  destination: Destination,
  sender: Sender,
  deps: { clock: Clock; log: (attempted: Attempted) => void },
): Promise<TestSendResult> {
  const at = deps.clock.now();
  const message = sampleMessage(destination.organizationId, at, randomUUID());
  const composed = compose(destination, message, at, ['schoolbell-test', 'true']);
  if (!composed.ok) {
    const nothing = { body: '', headers: [] };
    return { webhookId: composed.id, outcome: 'transform-failed', status: null, durationMs: 0, detail: composed.detail, answer: '', sent: nothing };
  }
  const exchange = await sender.send({ body: composed.body, headers: composed.headers, mayStart: () => true });
  const outcome = classify(exchange, deps.clock.now()).kind;
  const job = { destinationId: destination.id, kind: 'test', key: message.key, revision: message.revision } as const;
  deps.log({ job, webhookId: composed.id, at, outcome, exchange });
  return {
    webhookId: composed.id,
    outcome,
    status: exchange.kind === 'not-sent' ? null : (exchange.status ?? null),
    durationMs: exchange.durationMs,
    detail: describeExchange(exchange),
    answer: exchange.kind === 'answered' ? exchange.answer : '',
    // Names only: own headers carry secrets.
    sent: { body: composed.body.toString('utf8'), headers: composed.headers.filter((_value, index) => index % 2 === 0) },
  };
}
