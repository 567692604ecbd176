import { PROBLEM_MEDIA_TYPE, type Database, type Problem, type Tx } from '@schoolbell/service-kit';
import type { Clock } from '@schoolbell/time';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { subjectOf } from '../access/guard.ts';
import { once, type Answer } from './idempotency.ts';

export const ok = (body: unknown, status = 200): Answer => ({ status, body });
/** A refusal as an answer: what happened before it in the transaction stays. */
export const problem = ({ status, body }: Problem): Answer => ({ status, body });

/**
 * Carries out a post, once for its Idempotency-Key, and sends the answer or the refusal. Its type fits every route: the
 * schema of the status checks the answer when it is written.
 */
export async function answerPost(
  deps: { db: Database; clock: Clock }, request: FastifyRequest, reply: FastifyReply, work: (tx: Tx) => Promise<Answer>,
  kept?: (answer: Answer) => Answer,
): Promise<never> {
  const key = request.headers['idempotency-key'];
  const post = {
    subject: subjectOf(request),
    key: typeof key === 'string' ? key : undefined,
    request: `${request.method} ${request.url}\n${JSON.stringify(request.body ?? null)}`,
  };
  const { status, body } = await once(deps, post, work, kept);
  reply.code(status);
  const version = (body as { version?: unknown } | null)?.version;
  if (status < 300 && typeof version === 'number') reply.header('etag', `"${version}"`);
  if (status < 400) return body as never;
  return reply.type(PROBLEM_MEDIA_TYPE).send(JSON.stringify(body)) as never;
}
