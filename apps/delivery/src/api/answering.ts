import { deliveryActivity, deliveryControl, deliveryDestinations, deliveryLearner, deliveryReplay, deliveryUndelivered } from '@schoolbell/contracts';
import { RequestRefused, serve, type Nats } from '@schoolbell/messaging';
import type { Database, Log } from '@schoolbell/service-kit';
import { parseInstant, type Clock } from '@schoolbell/time';
import type { DeliveryConfiguration } from '../destination/compile.ts';
import type { Dispatcher } from '../dispatch/dispatcher.ts';
import type { PrismaClient } from '../generated/client.ts';
import type { ReplayRunner } from '../replay/runner.ts';
import { countMatches, insertReplay } from '../replay/store.ts';
import { countWaiting } from '../watch/store.ts';
import { countAttempts } from './activity.ts';
import type { Control } from './control.ts';
import { describeDestination, textOrNull, type DestinationView } from './destinations.ts';
import { listUndelivered, placeOf } from './undelivered.ts';

const DESTINATIONS_SHOWN = 100;

/** What delivery answers to the notifier over NATS: the same functions as its HTTP API. Returns how to stop. */
export function answerRequests(deps: {
  nats: Nats;
  db: Database;
  prisma: Pick<PrismaClient, 'destination' | 'wanted'>;
  configuration: () => DeliveryConfiguration;
  control: Control;
  dispatcher: Pick<Dispatcher, 'line'>;
  runner: Pick<ReplayRunner, 'kick'>;
  clock: Clock;
  log: Log;
}): () => void {
  const { db, prisma, control, clock, log } = deps;
  const configured = () => deps.configuration().destinations;

  function known(id: string): string {
    if (configured().has(id)) return id;
    throw new RequestRefused(`There is no destination "${id}" in the configuration that is in force.`);
  }

  async function destinations() {
    const ids = [...configured().keys()];
    const [rows, waiting] = await Promise.all([prisma.destination.findMany({ where: { id: { in: ids } } }), countWaiting(db, ids)]);
    const waitingOf = new Map(waiting.map((one) => [one.id, one]));
    const views = rows.map((row) => describeDestination(row, waitingOf.get(row.id), configured().get(row.id)));
    views.sort((a, b) => rank(a) - rank(b) || (a.id < b.id ? -1 : 1));
    return {
      total: views.length,
      items: views.slice(0, DESTINATIONS_SHOWN).map(({ waiting: { due, inFlight, parked, oldestSince }, ...view }) => ({ ...view, due, inFlight, parked, oldestSince })),
    };
  }

  async function act({ destinationId, action, by }: { destinationId?: string | undefined; action: 'pause' | 'resume'; by: string }) {
    const ids = destinationId === undefined ? [...configured().keys()] : [known(destinationId)];
    let changed = 0;
    for (const id of ids) {
      if ((await control[action](id, `${action}d by ${by}`)) === undefined) continue;
      changed += 1;
      deps.dispatcher.line(id)?.wake();
    }
    log.info({ by, action, destination: destinationId ?? 'all', changed }, 'destinations were controlled on request');
    return { changed, total: ids.length };
  }

  async function replay(wish: { destinationId: string; state: 'parked' | 'undelivered' | 'all'; learnerId?: string | undefined; dryRun: boolean; by: string; key: string }) {
    const destinationId = known(wish.destinationId);
    const filter = { state: wish.state, ...(wish.learnerId !== undefined && { learnerIds: [wish.learnerId] }) };
    const matched = await countMatches(db, destinationId, filter);
    if (wish.dryRun) return { matched };
    await insertReplay(db, { id: wish.key, destinationId, filter, requestedBy: wish.by, matched }, clock.now());
    deps.runner.kick();
    return { matched };
  }

  async function learner({ learnerId }: { learnerId: string }) {
    const rows = await prisma.wanted.findMany({
      where: { destinationId: { in: [...configured().keys()] }, kind: 'summary', key: learnerId },
      orderBy: { destinationId: 'asc' },
      take: DESTINATIONS_SHOWN,
      omit: { body: true },
    });
    return {
      items: rows.map((row) => ({
        destinationId: row.destinationId,
        wantedRevision: Number(row.wantedRevision),
        confirmedRevision: Number(row.sentRevision),
        confirmedAt: textOrNull(row.sentAt),
        state: placeOf(row),
      })),
    };
  }

  async function undelivered({ destinationId, limit }: { destinationId?: string | undefined; limit: number }) {
    const ids = destinationId === undefined ? [...configured().keys()] : [known(destinationId)];
    const filter = { destinationId: destinationId ?? null, state: null, kind: null, key: null };
    const after = { destinationId: '', kind: '', key: '' };
    const [items, waiting] = await Promise.all([listUndelivered(db, filter, { after, limit, destinations: ids }), countWaiting(db, ids)]);
    return { total: waiting.reduce((sum, { due, leased, parked }) => sum + due + leased + parked, 0), items };
  }

  async function activity({ since }: { since: string }) {
    const [attempts, waiting] = await Promise.all([countAttempts(db, parseInstant(since)), countWaiting(db, [...configured().keys()])]);
    const sum = (of: (one: (typeof waiting)[number]) => number): number => waiting.reduce((total, one) => total + of(one), 0);
    return { ...attempts, undelivered: sum(({ due, leased }) => due + leased), parked: sum(({ parked }) => parked) };
  }

  const stops = [
    serve(deps, deliveryDestinations, destinations),
    serve(deps, deliveryUndelivered, undelivered),
    serve(deps, deliveryLearner, learner),
    serve(deps, deliveryControl, act),
    serve(deps, deliveryReplay, replay),
    serve(deps, deliveryActivity, activity),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/** Whoever looks, looks for what is wrong. */
function rank({ state, circuit, waiting }: DestinationView): number {
  if (circuit === 'open' || state === 'disabled') return 0;
  if (state === 'paused') return 1;
  return waiting.parked > 0 ? 2 : 3;
}
