import { ingestResultCompleted, ingestResultRegraded, ingestResultVoided } from '@schoolbell/contracts';
import type { Sift } from '@schoolbell/messaging';
import type { Database } from '@schoolbell/service-kit';

/**
 * Every result of the school passes here, and hardly any is of an assessment. So messages are searched for the names in them
 * without being read as JSON, one look-up for many messages says which names count, and only those messages are read.
 * Asked after the messages came: an assessment that was sold before its result arrived is found.
 */

/** A learner who has handed in a test. */
export interface HandedIn {
  readonly learnerId: string;
  readonly testId: string;
}

// Strings of a JSON text by the name of their field. A quote inside a string is escaped, so none of these begins within one.
const FIELDS = /"(type|learnerId|testId)":"((?:[^"\\]|\\.)*)"/g;
const KNOWN: ReadonlySet<string> = new Set([ingestResultCompleted, ingestResultRegraded, ingestResultVoided].map(({ type }) => type));

/** Who handed in what, as far as it counts; undefined when that cannot be told without reading the message. */
export function handedIn(text: string): HandedIn[] | undefined {
  const learners: string[] = [];
  const tests: string[] = [];
  let graded = 0;
  let events = 0;
  for (const [, field, value = ''] of text.matchAll(FIELDS)) {
    if (field === 'learnerId') learners.push(value);
    else if (field === 'testId') tests.push(value);
    else if (!KNOWN.has(value)) return undefined;
    else {
      events += 1;
      if (value !== ingestResultVoided.type) graded += 1;
    }
  }
  if (events === 0 || learners.length !== graded || tests.length !== graded) return undefined;
  return learners.map((learnerId, index) => ({ learnerId: unescaped(learnerId), testId: unescaped(tests[index] ?? '') }));
}

const unescaped = (text: string): string => (text.includes('\\') ? (JSON.parse(`"${text}"`) as string) : text);

// Which of these pairs complete something: not the learner alone, nor the test alone.
const awaited = {
  name: 'scheduling_assessments_awaited',
  text: `SELECT DISTINCT package.test_id AS "testId", seat.student_id AS "learnerId"
           FROM (SELECT DISTINCT test_id, learner_id FROM unnest($1::text[], $2::text[]) AS each (test_id, learner_id)) AS told
           JOIN package ON package.test_id = told.test_id JOIN seat ON seat.package_id = package.id AND seat.student_id = told.learner_id`,
};

const decoder = new TextDecoder();
const keyOf = ({ learnerId, testId }: HandedIn): string => JSON.stringify([learnerId, testId]);

export const createSift = (db: Pick<Database, 'query'>): Sift => async (messages) => {
  const told = messages.map((message) => handedIn(decoder.decode(message)));
  const pairs = told.flatMap((each) => each ?? []);
  if (pairs.length === 0) return told.map((each) => each === undefined);
  const found = await db.query<HandedIn>(awaited, [pairs.map(({ testId }) => testId), pairs.map(({ learnerId }) => learnerId)]);
  const counts = new Set(found.map(keyOf));
  return told.map((each) => each === undefined || (counts.size > 0 && each.some((pair) => counts.has(keyOf(pair)))));
};
