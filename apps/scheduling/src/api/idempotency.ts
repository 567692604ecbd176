import { createHash } from 'node:crypto';
import { Problem, type Database, type Subject, type Tx } from '@schoolbell/service-kit';
import { formatInstant, type Clock } from '@schoolbell/time';

/**
 * `Idempotency-Key` on posts: the answer is stored in the transaction of the effect, so a repeated request is answered the
 * same and does nothing again, whatever broke in between. A refusal is an answer too.
 */

/** Keys are forgotten after this; long after a client has given up repeating. */
export const IDEMPOTENCY_KEEP_MS = 48 * 3_600_000;

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const lock = { name: 'scheduling_idempotency_lock', text: 'SELECT pg_advisory_xact_lock(hashtextextended($1, 7266))' };
const find = {
  name: 'scheduling_idempotency_find',
  text: 'SELECT request, status, body FROM idempotency WHERE subject = $1 AND key = $2',
};
const keep = {
  name: 'scheduling_idempotency_keep',
  text: 'INSERT INTO idempotency (subject, key, request, status, body, created_at) VALUES ($1, $2, $3, $4, $5, $6)',
};
const forget = { name: 'scheduling_idempotency_forget', text: 'DELETE FROM idempotency WHERE created_at < $1' };

export interface Post {
  readonly subject: Subject;
  readonly key: string | undefined;
  /** Method, path and body: another request under the same key is a mistake of the client. */
  readonly request: string;
}

/**
 * Run the work once for a key. The work returns its answer; a thrown error rolls everything back and stores nothing.
 * `kept`: what a repeat is answered, where the answer itself must not be stored.
 */
export function once(
  deps: { db: Database; clock: Clock }, post: Post, work: (tx: Tx) => Promise<Answer>, kept: (answer: Answer) => Answer = (answer) => answer,
): Promise<Answer> {
  const { key } = post;
  if (key === undefined) return deps.db.transaction(work);
  const subject = `${post.subject.role}:${post.subject.id}`;
  const request = createHash('sha256').update(post.request).digest();
  return deps.db.transaction(async (tx) => {
    // Together on the wire; the second one begins when the lock is held, and sees what was committed meanwhile.
    const [, [known]] = await Promise.all([
      tx.query(lock, [`${subject}\n${key}`]), tx.query<{ request: Buffer; status: number; body: string }>(find, [subject, key]),
    ]);
    if (known !== undefined) {
      if (!known.request.equals(request)) throw reused();
      return { status: known.status, body: JSON.parse(known.body) };
    }
    const answer = await work(tx);
    const { status, body } = kept(answer);
    tx.send(keep, [subject, key, request, status, JSON.stringify(body), formatInstant(deps.clock.now())]);
    return answer;
  });
}

export const forgetKeys = (db: Database, now: number): Promise<unknown> => db.query(forget, [formatInstant(now - IDEMPOTENCY_KEEP_MS)]);

function reused(): Problem {
  return new Problem({
    status: 422, code: 'idempotency-key-reused', title: 'This Idempotency-Key was used for another request.',
    detail: 'Use a new key for a new request.',
  });
}
