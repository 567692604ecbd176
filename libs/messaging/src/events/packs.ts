// Several events of one subject travel in one message, as CloudEvents' JSON batch format has it (an array of events;
// https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md#4-json-batch-format). A message
// costs the server, the relay and the consumer the same whatever is in it. An event alone travels as itself.
import { createHash } from 'node:crypto';

/** Events of one message: what is delivered again together when one of them fails for a passing reason. */
export const PACK_EVENTS_MAX = 64;
/** Characters of one message, unless one event alone has more. NATS takes 1 MiB. */
export const PACK_CHARACTERS_MAX = 131_072;

interface Packable {
  readonly subject: string;
  readonly body: string;
  readonly messageId: string;
}

/** One message, and the rows whose events it holds. */
export interface Pack<Row extends Packable> extends Packable {
  readonly rows: readonly Row[];
}

/** Rows in their order, those of one subject together as far as they fit. */
export function packRows<Row extends Packable>(rows: readonly Row[]): Pack<Row>[] {
  const packs: { rows: Row[]; characters: number }[] = [];
  const open = new Map<string, { rows: Row[]; characters: number }>();
  for (const row of rows) {
    let pack = open.get(row.subject);
    if (pack === undefined || pack.rows.length === PACK_EVENTS_MAX || pack.characters + row.body.length > PACK_CHARACTERS_MAX) {
      pack = { rows: [], characters: 0 };
      packs.push(pack);
      open.set(row.subject, pack);
    }
    pack.rows.push(row);
    pack.characters += row.body.length;
  }
  return packs.map(({ rows: own }) => (own.length === 1 ? { ...pick(own[0]!), rows: own } : joined(own)));
}

const pick = ({ subject, body, messageId }: Packable): Packable => ({ subject, body, messageId });

function joined<Row extends Packable>(rows: readonly Row[]): Pack<Row> {
  // Of the whole content: after a doubtful publish the same first event may come with other company.
  const messageId = createHash('sha256').update(rows.map((row) => row.messageId).join(' ')).digest('base64url');
  return { subject: rows[0]!.subject, body: `[${rows.map(({ body }) => body).join(',')}]`, messageId, rows };
}
