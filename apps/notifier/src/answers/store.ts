import type { AnswerVerb } from '@schoolbell/contracts';
import type { Database, Statement } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';

/** An answer that somebody gave by a link. `outcome` null: scheduling has not said what became of it. */
export interface GivenAnswer {
  readonly verb: AnswerVerb;
  readonly atMs: number;
  readonly outcome: 'done' | 'refused' | null;
  readonly code: string | null;
}

const COLUMNS = 'verb, at, outcome, code';
const done: Statement = {
  name: 'answer_done',
  text: `SELECT ${COLUMNS} FROM answer WHERE inbox_item_id = $1::bigint AND outcome = 'done' ORDER BY at LIMIT 1`,
};
// The update changes nothing: it waits for whoever writes the same key at the moment, and returns that row.
const begin: Statement = {
  name: 'answer_begin',
  text: `INSERT INTO answer (key, inbox_item_id, verb, to_start, at) VALUES ($1, $2::bigint, $3, $4::timestamptz, $5::timestamptz)
         ON CONFLICT (key) DO UPDATE SET key = excluded.key RETURNING ${COLUMNS}`,
};
const finish: Statement = { name: 'answer_finish', text: 'UPDATE answer SET outcome = $2, code = $3 WHERE key = $1 AND outcome IS NULL' };

interface Row extends Omit<GivenAnswer, 'atMs'> {
  readonly at: Date;
}
const toAnswer = ({ at, ...rest }: Row): GivenAnswer => ({ ...rest, atMs: at.getTime() });

export interface AnswerStore {
  /** What was answered by the link and counts. */
  done(itemId: string): Promise<GivenAnswer | undefined>;
  /** Writes down that somebody answers, or finds what became of the same answer. */
  begin(answer: { key: string; itemId: string; verb: AnswerVerb; toMs: number | undefined }, nowMs: number): Promise<GivenAnswer>;
  finish(key: string, outcome: 'done' | 'refused', code: string | null): Promise<void>;
}

export function createAnswerStore(db: Pick<Database, 'query'>): AnswerStore {
  return {
    async done(itemId) {
      const [row] = await db.query<Row>(done, [itemId]);
      return row && toAnswer(row);
    },
    async begin({ key, itemId, verb, toMs }, nowMs) {
      const [row] = await db.query<Row>(begin, [key, itemId, verb, toMs === undefined ? null : formatInstant(toMs), formatInstant(nowMs)]);
      return toAnswer(row!);
    },
    finish: async (key, outcome, code) => void (await db.query(finish, [key, outcome, code])),
  };
}
