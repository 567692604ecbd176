import type { StreamDefinition } from '@schoolbell/contracts';
import type { Database, Health, Log, Metrics } from '@schoolbell/service-kit';
import { waitMs, type Clock } from '@schoolbell/time';
import { Counter, Gauge } from 'prom-client';
import type { Nats, NatsSession } from '../nats/connection.ts';
import { becomeLeader, type Leadership } from './leader.ts';
import type { Ledger, LedgerSession, PendingMessage } from './ledger.ts';
import { createStreamRelay, PUBLISH_BATCH_MAX, type StreamRelay } from './stream-relay.ts';

/** Rows that nobody announced, such as those of a replica that died after its commit, are found within this time. */
const POLL_EVERY_MS = 1_000;
/** How often the server is compared with the promise even when nothing seems wrong, unless publishing has proved it. */
const INSPECT_EVERY_MS = 2_000;
const CONFIRM_EVERY_MS = 5_000;
const RETRY_AFTER_MS = 250;
const CHANNEL = 'relay';

const notify = { name: 'relay_notify', text: `SELECT pg_notify('${CHANNEL}', '')::text` };

/** Publishes what ledgers hold. Start one in every replica: a single one of them leads. */
export interface Relay {
  start(): void;
  /** Say, after a commit, that something waits. Cheap; without it the row is found by the poll. */
  wake(): void;
  /** The same, with the rows themselves: whoever leads publishes them without looking them up. */
  offer(stream: string, rows: readonly PendingMessage[]): void;
  /** Publishes what waits, within the bound, and ends. */
  stop(): Promise<void>;
}

export function createRelay(deps: {
  /** The role's own URL: the leader has a connection of its own. */
  databaseUrl: string;
  schema: string;
  db: Database;
  nats: Nats;
  /** A ledger remembers what its leader has published, so each time of leading begins with a new one. */
  streams: readonly { readonly definition: StreamDefinition; readonly ledger: () => Ledger }[];
  clock: Clock;
  log: Log;
  metrics: Metrics;
  health: Health;
  /** Called in the transaction that repairs a stream. Must ask the session at once, before it awaits anything. */
  tellLoss: (session: LedgerSession, loss: { stream: string; reason: string }) => Promise<unknown>;
}): Relay {
  const { db, nats, clock, log, health } = deps;
  const registers = [deps.metrics.registry];
  const stopping = new AbortController();
  const published = new Counter({ name: 'relay_published_total', help: 'Messages published and acknowledged by the stream.', labelNames: ['stream'], registers });
  const interrupted = new Counter({ name: 'relay_interrupted_total', help: 'Rounds of publishing that the stream refused or did not answer.', labelNames: ['stream'], registers });
  const backlog = new Gauge({ name: 'relay_backlog', help: 'Rows committed that their stream does not have yet.', labelNames: ['stream'], registers });
  const leading = new Gauge({ name: 'relay_leader', help: '1 while this replica publishes.', registers });
  let leads = false;
  let awake = true;
  /** Something waits that was not offered. */
  let wanted = true;
  let rouse: () => void = () => undefined;
  let notifying = false;
  let notifyAgain = false;
  let running: Promise<void> | undefined;

  let offerTo: ((stream: string, rows: readonly PendingMessage[]) => void) | undefined;

  const stir = (): void => {
    awake = true;
    rouse();
  };
  const wake = (): void => {
    wanted = true;
    stir();
  };

  /** Sleep until something is to be done, the poll is due, or the end. */
  const nap = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      if (awake) return resolve();
      const done = (): void => {
        clearTimeout(timer);
        rouse = () => undefined;
        resolve();
      };
      const timer = setTimeout(done, ms);
      rouse = done;
    });

  async function lead(leader: Leadership, session: NatsSession): Promise<void> {
    const relays = deps.streams.map(({ definition, ledger }) => ({
      name: definition.name,
      relay: createStreamRelay({
        leader,
        nats: session,
        stream: definition,
        ledger: ledger(),
        log,
        published: (count) => published.inc({ stream: definition.name }, count),
        tellLoss: (session, reason) => deps.tellLoss(session, { stream: definition.name, reason }),
      }),
      inspected: false,
      looking: undefined as Promise<unknown> | undefined,
      lookAgain: false,
    }));
    type Entry = (typeof relays)[number];
    const ended = AbortSignal.any([leader.lost, stopping.signal]);
    ended.addEventListener('abort', stir);
    const disturbed = (): void => {
      for (const entry of relays) entry.inspected = false;
      wake();
    };
    const unlisten = nats.onConnect(disturbed);
    leader.onNotify(wake);
    offerTo = (stream, rows) => {
      relays.find(({ name }) => name === stream)?.relay.offer(rows);
      stir();
    };
    // Beside publishing: a complete look takes tens of milliseconds under load, and what is offered need not wait for it.
    const lookInto = (entry: Entry): void => {
      // What is under way may have begun before the commit that is to be found.
      if (entry.looking !== undefined) return void (entry.lookAgain = true);
      let found = 0;
      entry.looking = attempt(async () => void (found = await entry.relay.look()), entry.name).finally(() => {
        // At once with forgetting the look: what is asked for in between would be asked of one that is over.
        const again = entry.lookAgain || found === PUBLISH_BATCH_MAX;
        entry.looking = undefined;
        entry.lookAgain = false;
        if (again) wake();
        else if (found > 0) stir();
      });
    };
    wanted = true;
    let lookDueMs = 0;
    let inspectDueMs = 0;
    let confirmDueMs = clock.now() + CONFIRM_EVERY_MS;
    let confirming: Promise<void> | undefined;
    const confirmAll = async (): Promise<void> => {
      for (const { name, relay } of relays) {
        await attempt(async () => {
          await relay.confirm();
          backlog.set({ stream: name }, await relay.backlog());
        }, name);
      }
    };
    try {
      while (!ended.aborted) {
        awake = false;
        if (!nats.connected()) {
          await nap(POLL_EVERY_MS);
          continue;
        }
        if (clock.now() >= inspectDueMs) {
          for (const entry of relays) entry.inspected &&= entry.relay.takeProof();
          inspectDueMs = clock.now() + INSPECT_EVERY_MS;
        }
        if (wanted || clock.now() >= lookDueMs) {
          wanted = false;
          lookDueMs = clock.now() + POLL_EVERY_MS;
          for (const entry of relays) lookInto(entry);
        }
        const calm: boolean = (await Promise.all(relays.map((entry) => step(entry)))).every(Boolean);
        wanted ||= !calm;
        if (clock.now() >= confirmDueMs) {
          confirmDueMs = clock.now() + CONFIRM_EVERY_MS;
          // Beside publishing: it is questions to the server, one after the other.
          confirming ??= confirmAll().finally(() => (confirming = undefined));
        }
        if (calm) await nap(POLL_EVERY_MS);
        else await waitMs(RETRY_AFTER_MS, ended);
      }
      // Whoever stops in good order leaves nothing behind that could be told now.
      if (!leader.lost.aborted && nats.connected()) await Promise.all(relays.map((entry) => publishAll(entry)));
    } finally {
      offerTo = undefined;
      unlisten();
      await Promise.all([confirming, ...relays.map(({ looking }) => looking)]);
      await Promise.all(relays.map(({ relay }) => relay.close()));
    }
  }

  async function attempt(work: () => Promise<void>, stream: string): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      log.warn({ err: error, stream }, 'the relay could not work on a stream, it tries again');
      return false;
    }
  }

  /** Until the ledger has nothing more, or something is in the way. */
  async function publishAll(entry: { name: string; relay: StreamRelay; inspected: boolean }): Promise<void> {
    let found = 0;
    do {
      if (!(await attempt(async () => void (found = await entry.relay.look()), entry.name))) return;
    } while ((await step(entry)) && found === PUBLISH_BATCH_MAX);
  }

  /** Inspect if asked to, then publish what is offered. False asks for a pause before the next try. */
  function step(entry: { name: string; relay: StreamRelay; inspected: boolean }): Promise<boolean> {
    return attempt(async () => {
      if (!entry.inspected) {
        if ((await entry.relay.inspect()) === 'repaired') wake();
        entry.inspected = true;
      }
      let round = await entry.relay.publish();
      while (round === 'more') round = await entry.relay.publish();
      if (round === 'behind') wake();
      if (round === 'broken') {
        entry.inspected = false;
        interrupted.inc({ stream: entry.name });
        throw new Error('a publish was refused or not answered');
      }
    }, entry.name);
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const session = await nats.session(stopping.signal);
      if (session === undefined) return;
      const leader = await becomeLeader({ url: deps.databaseUrl, schema: deps.schema, name: 'relay', channel: CHANNEL, log, signal: stopping.signal });
      if (leader === undefined) return;
      leads = true;
      leading.set(1);
      log.info('this replica publishes');
      try {
        await lead(leader, session);
      } catch (error) {
        log.warn({ err: error }, 'the relay lost the lead');
      } finally {
        leads = false;
        leading.set(0);
        await leader.release();
      }
      if (!stopping.signal.aborted) await waitMs(RETRY_AFTER_MS, stopping.signal);
    }
  }

  function announce(): void {
    if (leads) return wake();
    if (!nats.connected()) return;
    // A follower wakes the leader through the database, at most one notice at a time: the leader may look for the one under
    // way before what is announced now was committed, so another one follows it.
    if (notifying) return void (notifyAgain = true);
    notifying = true;
    db.query(notify, [])
      .catch(() => undefined)
      .finally(() => {
        notifying = false;
        if (!notifyAgain) return;
        notifyAgain = false;
        announce();
      });
  }

  const reportNats = (): void => {
    health.set('nats', nats.connected() ? 'ok' : 'degraded', nats.connected() ? undefined : 'not connected; events wait in Postgres');
  };
  nats.onConnect(reportNats);
  nats.onDisconnect(reportNats);

  return {
    start() {
      reportNats();
      running ??= run();
    },
    wake: announce,
    offer(stream, rows) {
      if (offerTo === undefined) announce();
      else offerTo(stream, rows);
    },
    async stop() {
      stopping.abort();
      rouse();
      await running;
    },
  };
}
