import type { Statement } from '@schoolbell/service-kit';

/** What a ledger is read and written through: the relay's own connection, or any other for those who only look. */
export interface LedgerSession {
  query<Row>(statement: Statement, values: readonly unknown[]): Promise<Row[]>;
}

/** Something committed that its stream does not have yet: `body` is one event. */
export interface PendingMessage {
  /** The row. Ids rise in the order in which they were given, which is not quite the order of the commits. */
  readonly id: number;
  /** The same for the same content, whoever publishes it: the stream refuses it twice within an epoch. */
  readonly messageId: string;
  readonly subject: string;
  readonly body: string;
}

/** The stream has these rows in the message with this sequence. */
export interface PublishedMark {
  readonly seq: number;
  readonly ids: readonly number[];
}

/**
 * What a relay publishes from: rows in the service's own Postgres, and beside them what is known of their publication.
 * The outbox is one; the newest summaries of results are another. The first five belong to the one leader, on the one
 * connection that holds its lock, whose statements are carried out in order.
 */
export interface Ledger {
  /** Rows the stream does not have, oldest first, at most `limit`. */
  pending(leader: LedgerSession, limit: number): Promise<PendingMessage[]>;
  /** Whether this leader knows that the row is published, without asking. */
  isPublished(id: number): boolean;
  /** The stream has these: known to `isPublished` at once, written down by the next `write`. */
  note(epoch: string, marks: readonly PublishedMark[]): void;
  /** Marks that are noted and not written down yet. */
  noted(): number;
  /** Write down what was noted, with one statement. When it fails, all of it counts as pending again. */
  write(leader: LedgerSession): Promise<void>;
  /** Rows published in `epoch` above `floor` become pending again. Returns how many. */
  requeue(leader: LedgerSession, epoch: string, floor: number): Promise<number>;
  /** Forget publications that nobody will ask for: confirmed up to `floor`, and looked through. */
  tidy(leader: LedgerSession, epoch: string, floor: number): Promise<void>;
  /** The message that waits longest, for whoever watches. */
  oldest(session: LedgerSession): Promise<string | undefined>;
  /** How many rows wait, counted up to a bound: by whoever leads, or by a watch. */
  backlog(session: LedgerSession): Promise<number>;
}
