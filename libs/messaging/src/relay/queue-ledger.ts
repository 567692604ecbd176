import type { Clock } from '@schoolbell/time';
import { NO_HORIZON, nextHorizon, type Horizon, type Snapshot } from './horizon.ts';
import type { Ledger, LedgerSession, PendingMessage, PublishedMark } from './ledger.ts';
import * as sql from './queue-statements.ts';

/**
 * How often everything since the last complete look is looked through, whatever the horizon says. Often costs no more, for each
 * reads what the two intervals before it brought: at 1,500 events a second and ten seconds that was a core for 0.1 s at a time.
 */
const FULL_LOOK_EVERY_MS = 2_000;
const SNAPSHOT_EVERY_MS = 50;

/**
 * Rows that are written once and marked beside themselves, as a ledger. The usual look begins at the horizon and leaves
 * out what this leader has published beyond it: a few hundred ids in memory. At the start, after a loss, after a mark
 * that failed and every two seconds it looks through everything that is not known to be published, which needs neither.
 */
export function createQueueLedger<Row extends { id: number }>(options: {
  stream: string;
  table: sql.QueueTable;
  message: (row: Row) => PendingMessage;
  clock: Clock;
}): Ledger {
  const { stream, table, message, clock } = options;
  const statements = sql.queueStatements(table);
  let horizon: Horizon = NO_HORIZON;
  /** Published by this leader, beyond the horizon. */
  let published = new Set<number>();
  let noted: (PublishedMark & { readonly epoch: string })[] = [];
  /** Rows may wait in `publish_again`. */
  let again = true;
  let fullLookDueMs = 0;
  let snapshotDueMs = 0;
  /** Known to be looked through; and what will be, if the next complete look finds nothing below it. */
  let checked = 0;
  let nextChecked = 0;

  const forget = (): void => {
    horizon = NO_HORIZON;
    published = new Set();
    noted = [];
    again = true;
    fullLookDueMs = snapshotDueMs = checked = nextChecked = 0;
  };

  const settle = (snapshot: Snapshot, lowestPending: number | undefined, nowMs: number): void => {
    const before = horizon.settled;
    horizon = nextHorizon(horizon, { snapshot, lowestPending, nowMs });
    const { settled } = horizon;
    if (settled === undefined || settled === before) return;
    published = new Set([...published].filter((id) => id > settled.id));
  };

  /** Values of the statements that begin at the horizon; undefined when they do not tell everything. */
  const beyond = (): unknown[] | undefined =>
    horizon.settled === undefined || again ? undefined : [stream, horizon.settled.id, horizon.settled.day, [...published]];

  async function look(leader: LedgerSession, limit: number, nowMs: number): Promise<Row[]> {
    const { settled } = horizon;
    const bounds = beyond();
    if (bounds !== undefined && nowMs < fullLookDueMs) return await leader.query<Row>(statements.beyond, [...bounds, limit]);
    fullLookDueMs = nowMs + FULL_LOOK_EVERY_MS;
    const [fresh, lost] = await Promise.all([leader.query<Row>(statements.unpublished, [stream, limit]), leader.query<Row>(statements.again, [stream, limit])]);
    again = lost.length > 0;
    if (settled !== undefined && !(fresh[0] !== undefined && fresh[0].id <= nextChecked)) [checked, nextChecked] = [nextChecked, settled.id];
    if (!again) return fresh;
    const ids = new Set(lost.map(({ id }) => id));
    return [...lost, ...fresh.filter(({ id }) => !ids.has(id))].slice(0, limit);
  }

  return {
    async pending(leader, limit) {
      const nowMs = clock.now();
      const due = nowMs >= snapshotDueMs;
      if (due) snapshotDueMs = nowMs + SNAPSHOT_EVERY_MS;
      // Asked in this order: whatever had ended by the snapshot is seen by the look.
      const [[taken], rows] = await Promise.all([
        due ? leader.query<{ xmin: string; xmax: string; day: string; highest: number }>(statements.snapshot, []) : [],
        look(leader, limit, nowMs),
      ]);
      if (taken !== undefined) settle({ ...taken, xmin: BigInt(taken.xmin), xmax: BigInt(taken.xmax) }, rows[0]?.id, nowMs);
      return rows.map(message);
    },
    isPublished: (id) => (horizon.settled !== undefined && id <= horizon.settled.id) || published.has(id),
    note(epoch, marks) {
      for (const mark of marks) {
        for (const id of mark.ids) published.add(id);
        noted.push({ epoch, ...mark });
      }
    },
    noted: () => noted.length,
    async write(leader) {
      if (noted.length === 0) return;
      const marks = noted;
      noted = [];
      try {
        await Promise.all([
          leader.query(sql.mark, [
            stream,
            marks.map(({ epoch }) => epoch),
            marks.map(({ seq }) => seq),
            marks.map(({ ids }) => `{${ids.join(',')}}`),
            marks.map(({ ids }) => Math.max(...ids)),
          ]),
          again ? leader.query(sql.markAgain, [stream, marks.flatMap(({ ids }) => ids)]) : undefined,
        ]);
      } catch (error) {
        forget();
        throw error;
      }
    },
    async requeue(leader, epoch, floor) {
      forget();
      const [row] = await leader.query<{ count: number }>(sql.requeue, [stream, epoch, floor]);
      return row?.count ?? 0;
    },
    async tidy(leader, epoch, floor) {
      await leader.query(sql.tidy, [stream, epoch, floor, checked]);
    },
    async oldest(session) {
      const [[lost], [fresh]] = await Promise.all([session.query<Row>(statements.again, [stream, 1]), session.query<Row>(statements.unpublished, [stream, 1])]);
      const row = lost ?? fresh;
      return row && message(row).messageId;
    },
    async backlog(session) {
      const bounds = beyond();
      const [row] = await session.query<{ count: number }>(bounds === undefined ? statements.backlog : statements.backlogBeyond, bounds ?? [stream]);
      return row?.count ?? 0;
    },
  };
}
