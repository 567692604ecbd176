import { AckPolicy, DeliverPolicy, JetStreamApiCodes, JetStreamApiError, type ConsumerMessages, type JsMsg } from '@nats-io/jetstream';
import { nanos } from '@nats-io/nats-core';
import type { DurableDefinition, EventDefinition, StreamDefinition } from '@schoolbell/contracts';
import type { Database, Log, Metrics, Tx } from '@schoolbell/service-kit';
import { backoffMs, systemRandom, waitMs, type Random } from '@schoolbell/time';
import { Counter, Histogram } from 'prom-client';
import type { NewDeadLetter } from '../dead-letters/store.ts';
import type { Nats, NatsSession } from '../nats/connection.ts';
import { createBatchHandler, type Apply, type Arrived, type BatchHandler, type Incoming } from './batch.ts';
import { createReader } from './parse.ts';

/** Events of one transaction; the last message may bring some more. */
const BATCH_MAX = 256;
/** Messages that may be on their way to all replicas at once: the bound of every buffer below. */
const IN_FLIGHT_MAX = 256;
const ACK_WAIT_MS = 10_000;
const PULL_EXPIRES_MS = 5_000;
/** How long until a missing stream or durable is looked for again. */
const ABSENT_WAIT_MS = 250;
const RETRY_BACKOFF = { baseMs: 200, maxMs: 10_000 };

/** Messages that gather no longer. */
const ENOUGH = IN_FLIGHT_MAX / 2;

/**
 * A batch costs its statements and some wake-ups, however much is in it. After one of so many events the next begins so
 * long after it; where a few come at a time nothing waits.
 */
const BUSY_BATCH_EVENTS = 16;
const BUSY_BATCH_EVERY_MS = 20;

/**
 * Which of these messages are worth reading: the others are acknowledged unread. It must say true of every message that
 * `apply` would do something about, and of those it cannot make out. When it throws, all of them come again.
 */
export type Sift = (messages: readonly Uint8Array[]) => Promise<readonly boolean[]>;

/** One durable of a stream, handled in micro-batches: what arrives while a batch commits is the next batch. */
export interface EventConsumer {
  readonly durable: string;
  /** It hears its stream, or its producer has not made one yet. */
  isWell(): boolean;
  start(): void;
  /** Finishes the batch in hand; what was not begun is delivered again, to whoever is there. */
  stop(): Promise<void>;
  replay: BatchHandler['replay'];
}

export function createConsumer(deps: {
  nats: Nats;
  db: Database;
  stream: StreamDefinition;
  durable: DurableDefinition;
  accepts: readonly EventDefinition[];
  apply: Apply;
  /** For a consumer that needs few of many messages. */
  sift?: Sift;
  /** How long messages gather before they are a batch, where nobody waits for the effect. Default: one turn of the event loop, longer under load. */
  gatherMs?: number;
  /** Called after each committed batch, such as to wake a sender. Must not throw. */
  afterCommit?: () => void;
  onDead?: (tx: Tx, letters: readonly NewDeadLetter[]) => Promise<void>;
  log: Log;
  metrics: Metrics;
  random?: Random;
}): EventConsumer {
  const { nats, stream, durable, log, gatherMs = 0, random = systemRandom } = deps;
  const stopping = new AbortController();
  const counts = consumerCounters(deps.metrics);
  const read = createReader(deps.accepts);
  const handler = createBatchHandler({
    db: deps.db,
    durable: durable.name,
    read,
    apply: deps.apply,
    onDead: deps.onDead,
    log,
  });
  const waiting: Incoming[] = [];
  /** Came through the sift. */
  const sifted: Incoming[] = [];
  let enough: (() => void) | undefined;
  let working: Promise<void> | undefined;
  let running: Promise<void> | undefined;
  let current: ConsumerMessages | undefined;
  let streamMissing = false;
  /** Before this only enough of them are a batch. Monotonic milliseconds. */
  let nextBatchAtMs = 0;

  const incoming = (message: JsMsg): Incoming => ({
    bytes: message.data,
    deliveries: message.info.deliveryCount,
    ack: () => message.ack(),
    retry: (deliveries) => message.nak(backoffMs(deliveries, RETRY_BACKOFF, random)),
  });

  function receive(message: JsMsg): void {
    waiting.push(incoming(message));
    if (waiting.length >= ENOUGH) enough?.();
    working ??= work().finally(() => {
      working = undefined;
    });
  }

  async function gather(): Promise<void> {
    const waitedMs = Math.max(gatherMs, nextBatchAtMs - performance.now());
    if (waitedMs <= 0 || waiting.length >= ENOUGH) return;
    await Promise.race([waitMs(waitedMs, stopping.signal), new Promise<void>((resolve) => (enough = resolve))]);
    enough = undefined;
  }

  /** Takes all that waits; what is not wanted is settled. */
  async function siftWaiting(sift: Sift): Promise<void> {
    const messages = waiting.splice(0);
    try {
      const wanted = await sift(messages.map(({ bytes }) => bytes));
      messages.forEach((message, index) => (wanted[index] === false ? message.ack() : sifted.push(message)));
      counts.unread.inc({ durable: durable.name }, wanted.filter((isWanted) => !isWanted).length);
    } catch (error) {
      log.warn({ err: error, durable: durable.name, messages: messages.length }, 'messages could not be sifted and will be delivered again');
      for (const message of messages) message.retry(message.deliveries);
    }
  }

  function nextBatch(from: Incoming[]): Arrived[] {
    const batch: Arrived[] = [];
    for (let message = from.shift(); message !== undefined; message = batch.length < BATCH_MAX ? from.shift() : undefined) {
      const source = message;
      batch.push(...read(source.bytes).map(({ parsed, bytes }) => ({ parsed, bytes, message: source })));
    }
    return batch;
  }

  async function work(): Promise<void> {
    // One turn of the event loop: what the same read from the socket brought belongs to the same batch.
    await new Promise(setImmediate);
    while (waiting.length + sifted.length > 0 && !stopping.signal.aborted) {
      if (sifted.length === 0) await gather();
      if (stopping.signal.aborted) return;
      if (deps.sift !== undefined && sifted.length === 0) await siftWaiting(deps.sift);
      const from = deps.sift === undefined ? waiting : sifted;
      if (from.length === 0) continue;
      const startedMs = performance.now();
      const batch = nextBatch(from);
      if (batch.length >= BUSY_BATCH_EVENTS) nextBatchAtMs = startedMs + BUSY_BATCH_EVERY_MS;
      const { applied, dead, retried } = await handler.handle(batch);
      counts.seconds.observe({ durable: durable.name }, (performance.now() - startedMs) / 1_000);
      counts.events.inc({ durable: durable.name, outcome: 'applied' }, applied);
      counts.events.inc({ durable: durable.name, outcome: 'dead' }, dead);
      counts.events.inc({ durable: durable.name, outcome: 'retried' }, retried);
      deps.afterCommit?.();
    }
  }

  async function consumeOnce(session: NatsSession): Promise<void> {
    await ensureDurable(session, stream.name, durable.name);
    const consumer = await session.jetstream.consumers.get(stream.name, durable.name);
    const messages = await consumer.consume({
      max_messages: IN_FLIGHT_MAX,
      expires: PULL_EXPIRES_MS,
      abort_on_missing_resource: true,
      callback: receive,
    });
    current = messages;
    streamMissing = false;
    // After a loss the pull would wait half a minute for a durable that is gone: begin anew at the first sign.
    const restart = (): void => void messages.stop();
    const unlisten = nats.onConnect(restart);
    stopping.signal.addEventListener('abort', restart, { once: true });
    // The end may have come while the server was asked: an abort that is over fires no more.
    if (stopping.signal.aborted) restart();
    void (async () => {
      for await (const status of messages.status()) {
        if (RESTART_SIGNS.has(status.type)) messages.stop();
      }
    })();
    try {
      const failure = await messages.closed();
      if (failure !== undefined) log.debug({ err: failure, durable: durable.name }, 'consuming ended');
    } finally {
      unlisten();
      stopping.signal.removeEventListener('abort', restart);
      current = undefined;
    }
  }

  async function run(): Promise<void> {
    const session = await nats.session(stopping.signal);
    let absent = false;
    while (session !== undefined && !stopping.signal.aborted) {
      try {
        await consumeOnce(session);
        absent = false;
      } catch (error) {
        streamMissing = error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound;
        if (!absent) log.info({ err: error, durable: durable.name }, 'the stream is not there yet, waiting for its producer');
        absent = true;
      }
      await waitMs(ABSENT_WAIT_MS, stopping.signal);
    }
  }

  return {
    durable: durable.name,
    isWell: () => current !== undefined || streamMissing,
    start() {
      running ??= run();
    },
    async stop() {
      stopping.abort();
      current?.stop();
      await Promise.all([running, working]);
      // Not begun: give them back at once rather than after the ack deadline.
      for (const message of [...waiting.splice(0), ...sifted.splice(0)]) message.retry(0);
    },
    replay: handler.replay,
  };
}

const RESTART_SIGNS: ReadonlySet<string> = new Set(['consumer_deleted', 'consumer_not_found', 'stream_not_found', 'heartbeats_missed', 'no_responders']);

const consumerMetrics = new WeakMap<Metrics, ReturnType<typeof registerCounters>>();

/** One set of metrics per process, shared by its consumers. */
function consumerCounters(metrics: Metrics): ReturnType<typeof registerCounters> {
  let counters = consumerMetrics.get(metrics);
  if (counters === undefined) consumerMetrics.set(metrics, (counters = registerCounters(metrics)));
  return counters;
}

function registerCounters(metrics: Metrics) {
  const registers = [metrics.registry];
  return {
    events: new Counter({ name: 'consumer_events_total', help: 'Events by what became of them.', labelNames: ['durable', 'outcome'], registers }),
    unread: new Counter({ name: 'consumer_unread_messages_total', help: 'Messages acknowledged unread: nothing in them is wanted.', labelNames: ['durable'], registers }),
    seconds: new Histogram({ name: 'consumer_batch_seconds', help: 'Duration of a batch, commit included.', labelNames: ['durable'], registers }),
  };
}

async function ensureDurable(session: NatsSession, stream: string, name: string): Promise<void> {
  const config = {
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(ACK_WAIT_MS),
    max_deliver: -1,
    max_ack_pending: IN_FLIGHT_MAX,
    deliver_policy: DeliverPolicy.All,
  };
  try {
    await session.manager.consumers.info(stream, name);
  } catch (error) {
    if (!(error instanceof JetStreamApiError) || error.code !== JetStreamApiCodes.ConsumerNotFound) throw error;
    await session.manager.consumers.add(stream, { durable_name: name, ...config });
  }
}
