import { classifyDatabaseError, type Log } from '@schoolbell/service-kit';
import { systemRandom, waitMs, type Clock, type Random } from '@schoolbell/time';
import type { SmtpFault } from './fault.ts';
import type { Letter } from './letter.ts';
import type { MailMetrics } from './metrics.ts';
import type { MailOutcome } from './outcome.ts';
import { holdMs } from './pace.ts';
import type { MailClaim, MailQueue } from './queue.ts';
import { createRelaying } from './relaying.ts';
import type { MailTransport } from './transport.ts';

const BUSY_POLL_MS = 250;
const IDLE_POLL_MS = 1_000;
const IDLE_AFTER_MS = 30_000;
const SETTLE_RETRY_MS = 500;
/** A part of the service's deadline. Later than this the rows and leases have it: that very mail is repeated. */
const STOP_PATIENCE_MS = 5_000;
/** Whatever may be an address, with or without its brackets. */
const ADDRESS = /<?[^\s<>@]+@[^\s<>@]+>?/g;

/** Carries mails from the queue to the server. */
export interface MailSender {
  start(): void;
  /** Something may wait. */
  wake(): void;
  /** Why the server that is configured now has served nobody since; undefined while nothing of that kind is known. */
  fault(): SmtpFault | undefined;
  /** Begins nothing more and finishes what is on its way, unless the server is too slow. */
  stop(): Promise<void>;
}

/** How mails leave; undefined while nobody is to be written to. */
export interface Outlet {
  readonly transport: MailTransport;
  /** Mails at once. */
  readonly connections: number;
}

export function createMailSender(deps: {
  queue: MailQueue;
  outlet: () => Outlet | undefined;
  /** Puts a mail into words; undefined when this release cannot: what it can waits and is gathered anew. */
  write: (claim: MailClaim) => Promise<Letter | undefined>;
  clock: Clock;
  log: Log;
  metrics: MailMetrics;
  random?: Random;
  stopPatienceMs?: number;
}): MailSender {
  const { queue, clock, log, metrics, random = systemRandom, stopPatienceMs = STOP_PATIENCE_MS } = deps;
  const stopping = new AbortController();
  const inHand = new Set<Promise<void>>();
  const relaying = createRelaying();
  let running: Promise<void> | undefined;
  let activeAtMs = 0;
  let rouse = new AbortController();
  // While the server is away one mail at a time finds out whether it is back; nothing of a reader's patience is spent.
  let failures = 0;
  let heldUntilMs = 0;
  let found: { readonly transport: MailTransport; readonly fault: SmtpFault } | undefined;

  async function attempt(claim: MailClaim, transport: MailTransport): Promise<MailOutcome> {
    let letter: Letter | undefined;
    try {
      letter = await deps.write(claim);
    } catch (error) {
      if (isOutage(error)) return { kind: 'server-away', reason: 'the database does not answer', untaken: true };
      // A bug, and no reason to hold up what comes after.
      log.error({ err: error, mail: claim.mail.id }, 'a mail could not be put into words');
      metrics.attempted('unwritable');
      return { kind: 'mail-refused', reason: 'it could not be put into words, the log says why' };
    }
    const outcome: MailOutcome = letter === undefined ? { kind: 'deferred', reason: 'only a newer release has words for it' } : await transport.send(letter);
    metrics.attempted(outcome.kind);
    return outcome;
  }

  async function deliver(claim: MailClaim, transport: MailTransport): Promise<void> {
    const outcome = await attempt(claim, transport);
    if (outcome.kind === 'server-away') {
      heldUntilMs = clock.now() + holdMs(failures, random);
      failures += 1;
      if (outcome.fault !== undefined && (outcome.fault !== 'relay' || relaying.refused(claim.readerId))) found = { transport, fault: outcome.fault };
    } else {
      failures = 0;
      found = undefined;
      relaying.served(claim.readerId);
    }
    report(claim, outcome);
    // What was sent must be marked: while the mark fails, the mailbox stays leased.
    for (;;) {
      try {
        return await queue.settle(claim, outcome, clock.now());
      } catch (error) {
        log.warn({ err: error, mail: claim.mail.id, outcome: outcome.kind }, 'a mail could not be marked, trying again');
        if (stopping.signal.aborted) return;
        await waitMs(SETTLE_RETRY_MS, stopping.signal);
      }
    }
  }

  /** Reasons quote addresses, so they are in the mailbox and not in the log; what is about the server is there without them. */
  function report({ readerId, mail }: MailClaim, outcome: MailOutcome): void {
    const about = { reader: readerId, mail: mail.id };
    switch (outcome.kind) {
      case 'sent':
        return log.debug(about, 'a mail was sent');
      case 'deferred':
        return log.info(about, 'a mail is to be sent later');
      case 'address-refused':
        return log.warn(about, 'an address is refused, see GET /v1/mailboxes');
      case 'mail-refused':
        return log.error(about, 'a mail is refused, see GET /v1/mailboxes');
      case 'server-away':
        return log.warn({ failures, reason: outcome.reason.replace(ADDRESS, '<…>') }, 'the SMTP server does not take mails, they wait');
    }
  }

  async function next(): Promise<MailClaim | 'parked' | undefined> {
    try {
      return await queue.claim(clock.now());
    } catch (error) {
      log.debug({ err: error }, 'the mail queue cannot be read');
      return undefined;
    }
  }

  function ready(): Outlet | undefined {
    const outlet = deps.outlet();
    if (outlet === undefined || clock.now() < heldUntilMs) return undefined;
    return inHand.size < (failures > 0 ? 1 : outlet.connections) ? outlet : undefined;
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      rouse = new AbortController();
      const outlet = ready();
      const claim = outlet && (await next());
      if (claim === 'parked') continue;
      if (claim === undefined || outlet === undefined) {
        const pollMs = clock.now() - activeAtMs < IDLE_AFTER_MS ? BUSY_POLL_MS : IDLE_POLL_MS;
        await waitMs(pollMs, AbortSignal.any([stopping.signal, rouse.signal]));
        continue;
      }
      activeAtMs = clock.now();
      const delivery: Promise<void> = deliver(claim, outlet.transport).finally(() => {
        inHand.delete(delivery);
        rouse.abort();
      });
      inHand.add(delivery);
    }
  }

  return {
    start() {
      running ??= run();
    },
    wake() {
      activeAtMs = clock.now();
      rouse.abort();
    },
    fault: () => (found?.transport === deps.outlet()?.transport ? found?.fault : undefined),
    async stop() {
      stopping.abort();
      await running;
      const enough = new AbortController();
      await Promise.race([Promise.all(inHand), waitMs(stopPatienceMs, enough.signal)]);
      enough.abort();
      if (inHand.size > 0) log.warn({ mails: inHand.size }, 'the SMTP server is too slow to wait for, mails in hand are repeated');
    },
  };
}

const isOutage = (error: unknown): boolean => classifyDatabaseError(error) === 'unavailable';
