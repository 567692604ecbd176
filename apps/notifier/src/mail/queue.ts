import { createHash, randomUUID } from 'node:crypto';
import type { NewAlert } from '@schoolbell/messaging';
import type { Database, Tx } from '@schoolbell/service-kit';
import { systemRandom, type Random } from '@schoolbell/time';
import type { GivingUp } from './give-up.ts';
import type { MailOutcome } from './outcome.ts';
import { settle, type Standing } from './pace.ts';
import {
  beginMail, dissolveMail, endMail, leaseMailbox, lockDueMailbox, lockLeasedMailbox, parkMailbox, pendingMail, releaseMailbox,
  waitingItems, type BegunMail,
} from './queue-store.ts';

/** Items of one mail; more of a flood go with the next. */
export const ITEMS_PER_MAIL = 50;
/** With the server away the next look at a mailbox, by whichever replica. */
const AWAY_RETRY_MS = 2_000;
/** A policy may be about one reader alone, who must not hold up the others each time. */
const RELAY_RETRY_MS = 60_000;

/** One mail in hand. Nobody else writes to its reader until the lease ends. */
export interface MailClaim {
  readonly readerId: string;
  readonly address: string;
  readonly name: string;
  readonly mail: BegunMail;
  readonly token: string;
}

export interface MailQueue {
  /** `parked`: a mailbox was due and has nothing to send now; ask again. Undefined: none is due. */
  claim(nowMs: number): Promise<MailClaim | 'parked' | undefined>;
  settle(claim: MailClaim, outcome: MailOutcome, nowMs: number): Promise<void>;
}

/**
 * The queue of all mailboxes in Postgres. A claim locks the reader's row, gathers what waits into one mail, and leaves a
 * lease: a crash before the mark repeats that one mail under its Message-ID, and no two replicas write to a reader at once.
 */
export function createMailQueue(deps: {
  db: Database;
  leaseMs: () => number;
  /** Right side of Message-IDs. */
  domain: () => string;
  /** Ends what is too old to be written. */
  giveUp: GivingUp['ofReader'];
  /** What nobody hears of is told, in the transaction that marks it. */
  alert: (tx: Tx, alert: NewAlert, nowMs: number) => Promise<void>;
  random?: Random;
}): MailQueue {
  const { db, leaseMs, domain, giveUp, alert, random = systemRandom } = deps;

  async function next(tx: Tx, readerId: string, address: string, nowMs: number): Promise<BegunMail | undefined> {
    await giveUp(tx, readerId, nowMs);
    const former = await pendingMail(tx, readerId, address);
    if (former !== undefined) return former;
    const items = await waitingItems(tx, readerId, nowMs, ITEMS_PER_MAIL);
    const [first] = items;
    // What is late goes with the next that is not.
    if (first === undefined || items.every(({ late }) => late)) return undefined;
    return beginMail(tx, { readerId, address, messageId: messageIdOf(readerId, first.eventId, domain()), itemIds: items.map(({ id }) => id) }, nowMs);
  }

  return {
    claim: (nowMs) =>
      db.transaction(async (tx) => {
        const mailbox = await lockDueMailbox(tx, nowMs);
        if (mailbox === undefined) return undefined;
        const { readerId, email, name, standing } = mailbox;
        const refused = standing.state === 'refused' && standing.address === email;
        const mail = email === null || refused ? undefined : await next(tx, readerId, email, nowMs);
        if (mail === undefined || email === null) {
          await parkMailbox(tx, readerId);
          return 'parked';
        }
        const token = randomUUID();
        await leaseMailbox(tx, readerId, token, nowMs + leaseMs());
        return { readerId, address: email, name: name ?? '', mail, token };
      }),
    settle: ({ readerId, address, mail, token }, outcome, nowMs) =>
      db.transaction(async (tx) => {
        const mailbox = await lockLeasedMailbox(tx, readerId, token);
        await mark(tx, mail, outcome, nowMs);
        if (outcome.kind === 'mail-refused') await alert(tx, mailRefused(readerId), nowMs);
        // Without the lease somebody else answers for the reader by now; what was sent is sent all the same.
        if (mailbox === undefined) return;
        const standing = settle(about(address, mailbox.standing), outcome, nowMs, random);
        const dueMs = outcome.kind === 'server-away' ? nowMs + (outcome.fault === 'relay' ? RELAY_RETRY_MS : AWAY_RETRY_MS) : standing.notBeforeMs;
        await releaseMailbox(tx, readerId, standing, dueMs, nowMs);
      }),
  };
}

async function mark(tx: Tx, { id }: BegunMail, outcome: MailOutcome, nowMs: number): Promise<void> {
  switch (outcome.kind) {
    case 'sent':
      return endMail(tx, id, 'sent', null, nowMs);
    case 'address-refused':
    case 'mail-refused':
      return endMail(tx, id, 'refused', outcome.reason, nowMs);
    case 'deferred':
      return dissolveMail(tx, id);
    case 'server-away':
      if (outcome.untaken) await dissolveMail(tx, id);
  }
}

/** Of all readers one problem. The server's own words may quote an address, so they are in the mailbox. */
const mailRefused = (readerId: string): NewAlert => ({
  fingerprint: 'mail-refused', kind: 'mail-refused', state: 'firing', severity: 'critical', title: 'Mails to people are refused',
  detail: `The mail to ${readerId} was not taken and is not tried again. The inbox has it; GET /v1/mailboxes?notTaken=true says whose there are, and why.`,
});

/** What is known of another address says nothing about this one. */
const about = (address: string, standing: Standing): Standing =>
  standing.address === address ? standing : { ...standing, state: 'ok', address, failures: 0, lastError: null };

/** From the oldest item, which is in no other mail: gathered again after a refusal, the mail keeps it. */
function messageIdOf(readerId: string, eventId: string, domain: string): string {
  return `<${createHash('sha256').update(`${readerId}\n${eventId}`).digest('hex').slice(0, 32)}@${domain}>`;
}
