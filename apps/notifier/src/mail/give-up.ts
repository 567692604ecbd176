import type { NewAlert } from '@schoolbell/messaging';
import type { Database, Statement, Tx } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';
import { GIVE_UP_AFTER_MS } from './pace.ts';

/**
 * What could not be written in time is given up, and seen: by the reader in the inbox, in the list of mailboxes, in a
 * metric. Whatever was not the reader's own address is an alert, in the same transaction.
 */
const REASON = 'it could not be handed over within three days';
/** Items of one statement, so that no lock lasts. */
const BATCH = 2_000;

// `ours`: neither refused by the reader's own server nor without an address, and no reminder that was too late anyway.
const waiting: Statement = {
  name: 'mail_give_up',
  text: `WITH old AS (
           SELECT item.inbox_item_id, item.reader_id,
                  contact.email IS NOT NULL AND (mailbox.state <> 'refused' OR mailbox.address IS DISTINCT FROM contact.email)
                    AND (item.late_at IS NULL OR item.late_at > $3::timestamptz) AS ours
             FROM mail_item AS item JOIN mailbox USING (reader_id) LEFT JOIN contact ON contact.participant_id = item.reader_id
            WHERE item.mail_id IS NULL AND item.created_at < $2::timestamptz AND ($1::text IS NULL OR item.reader_id = $1)
            ORDER BY item.created_at LIMIT ${BATCH} FOR UPDATE OF item, mailbox SKIP LOCKED
         ), ended AS (
           INSERT INTO mail (reader_id, state, created_at, error) SELECT DISTINCT reader_id, 'given-up', $3::timestamptz, $4 FROM old RETURNING id, reader_id
         ), given AS (
           UPDATE mail_item SET mail_id = ended.id FROM old JOIN ended USING (reader_id) WHERE mail_item.inbox_item_id = old.inbox_item_id
         )
         SELECT count(*)::int AS items, count(*) FILTER (WHERE ours)::int AS ours FROM old`,
};
// Begun, and nobody knows whether it was taken.
const begun: Statement = {
  name: 'mail_give_up_begun',
  text: `WITH ended AS (
           UPDATE mail SET state = 'given-up', error = $3 WHERE reader_id = $1 AND state = 'pending' AND created_at < $2::timestamptz RETURNING id)
         SELECT count(*)::int AS items, count(*)::int AS ours FROM mail_item JOIN ended ON ended.id = mail_item.mail_id`,
};

interface Given {
  readonly items: number;
  readonly ours: number;
}

export interface GivingUp {
  /** Of one mailbox, whose row is locked and which nobody writes to. */
  ofReader(tx: Tx, readerId: string, nowMs: number): Promise<void>;
  /** Of all readers, also those who cannot be written to. */
  ofAll(nowMs: number, signal: AbortSignal): Promise<void>;
}

export function createGivingUp(deps: { db: Database; dropped: (items: number) => void; alert: (tx: Tx, alert: NewAlert, nowMs: number) => Promise<void> }): GivingUp {
  const { db, dropped, alert } = deps;

  async function tell(tx: Tx, given: readonly Given[], nowMs: number): Promise<number> {
    const count = (of: keyof Given): number => given.reduce((sum, one) => sum + one[of], 0);
    const [items, ours] = [count('items'), count('ours')];
    if (items > 0) tx.afterCommit(() => dropped(items));
    if (ours > 0) await alert(tx, { ...GIVEN_UP, detail: `Notices that could not be sent within three days: ${ours}. The inboxes have them; GET /v1/mailboxes?givenUp=true says whose.` }, nowMs);
    return items;
  }

  const giveUp = async (tx: Tx, readerId: string | null, nowMs: number): Promise<Given[]> =>
    tx.query<Given>(waiting, [readerId, formatInstant(nowMs - GIVE_UP_AFTER_MS), formatInstant(nowMs), REASON]);

  return {
    async ofReader(tx, readerId, nowMs) {
      const pending = await tx.query<Given>(begun, [readerId, formatInstant(nowMs - GIVE_UP_AFTER_MS), REASON]);
      await tell(tx, [...pending, ...(await giveUp(tx, readerId, nowMs))], nowMs);
    },
    async ofAll(nowMs, signal) {
      for (let items = BATCH; items === BATCH && !signal.aborted;) {
        items = await db.transaction(async (tx) => tell(tx, await giveUp(tx, null, nowMs), nowMs));
      }
    },
  };
}

const GIVEN_UP = {
  fingerprint: 'mail-given-up', kind: 'mail-given-up', state: 'firing', severity: 'warning', title: 'Mails to people were given up',
} as const;
