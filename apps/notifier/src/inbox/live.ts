import { classifyDatabaseError, createPeriodic, type Database, type Log, type Metrics } from '@schoolbell/service-kit';
import { Counter, Gauge } from 'prom-client';
import type { Notice } from '../notices/notice.ts';
import { INBOX_CHANNEL } from '../notices/store.ts';
import { createListener } from './listen.ts';
import { newsFor, unreadOf } from './store.ts';

/**
 * Live inboxes of this replica. Each stream has a cursor, and the table says what lies behind it: a notification only
 * says when to look, so nothing hangs on one, on the replica that wrote, or on how long a reader was away.
 */
const LOOK_EVERY_MS = 5_000;
const HEARTBEAT_EVERY_MS = 15_000;
/** Notices of one reader in one look; with more the next look follows at once. */
const LOOK_MAX = 50;
export const STREAMS_PER_READER_MAX = 5;
const STREAMS_MAX = 5_000;
/** An hour: then whoever listens has to show again who they are. */
const HEARTBEATS_MAX = 3_600_000 / HEARTBEAT_EVERY_MS;

/** Where a stream writes. */
export interface Outlet {
  /** False: the reader does not keep up, or is gone; the stream is ended and can be resumed. */
  send(notices: readonly Notice[], unread: number): Promise<boolean>;
  heartbeat(): boolean;
  end(): void;
}

interface Stream {
  readonly readerId: string;
  readonly outlet: Outlet;
  after: string;
  unread: number | undefined;
  heartbeats: number;
}

export interface Live {
  start(): void;
  /** Undefined, and no outlet is made: too many streams, of this reader or at all. Else what ends it. */
  open(readerId: string, after: string, outlet: () => Outlet): (() => void) | undefined;
  /** Ends all streams; their readers resume elsewhere. */
  close(): void;
  stop(): Promise<void>;
}

export function createLive(deps: { db: Database; databaseUrl: string; log: Log; metrics: Metrics }): Live {
  const { db, log } = deps;
  const streams = new Set<Stream>();
  const { registry } = deps.metrics;
  const open = new Gauge({ name: 'inbox_streams_open', help: 'Live inboxes of this replica.', registers: [registry] });
  const ended = new Counter({ name: 'inbox_streams_ended_total', help: 'Live inboxes that ended, by reason.', labelNames: ['reason'], registers: [registry] });
  let closed = false;
  let looking: Promise<void> | undefined;
  let again = false;

  function drop(stream: Stream, reason: 'gone' | 'slow' | 'old' | 'failed' | 'shutdown'): void {
    if (!streams.delete(stream)) return;
    open.set(streams.size);
    ended.inc({ reason });
    stream.outlet.end();
  }

  async function look(): Promise<void> {
    const asked = [...streams];
    if (asked.length === 0) return;
    // Of several streams of one reader the one that is furthest behind counts; the others skip what they have.
    const behind = new Map<string, string>();
    for (const { readerId, after } of asked) {
      const known = behind.get(readerId);
      if (known === undefined || BigInt(after) < BigInt(known)) behind.set(readerId, after);
    }
    const wanted = [...behind].map(([readerId, after]) => ({ readerId, after }));
    const [news, unread] = await Promise.all([newsFor(db, wanted, LOOK_MAX), unreadOf(db, [...behind.keys()])]);
    const byReader = Map.groupBy(news, ({ readerId }) => readerId);
    const brought = await Promise.allSettled(
      asked.map((stream) => bring(stream, byReader.get(stream.readerId) ?? [], unread.get(stream.readerId) ?? 0)));
    const failed = brought.find(({ status }) => status === 'rejected');
    if (failed !== undefined) throw (failed as PromiseRejectedResult).reason;
    // Only of what was brought: what failed waits for the next look, which has its pause.
    if ([...byReader.values()].some((notices) => notices.length === LOOK_MAX)) again = true;
  }

  async function bring(stream: Stream, news: readonly Notice[], unread: number): Promise<void> {
    const fresh = news.filter(({ id }) => BigInt(id) > BigInt(stream.after));
    if (fresh.length === 0 && unread === stream.unread) return;
    let kept: boolean;
    try {
      kept = await stream.outlet.send(fresh, unread);
    } catch (error) {
      // An outage is waited for with the stream open. Anything else would fail with each look.
      if (classifyDatabaseError(error) === 'unavailable') throw error;
      log.error({ err: error }, 'a live inbox could not be written');
      return drop(stream, 'failed');
    }
    stream.after = fresh.at(-1)?.id ?? stream.after;
    stream.unread = unread;
    if (!kept) drop(stream, 'slow');
  }

  function beat(stream: Stream): void {
    stream.heartbeats += 1;
    if (stream.heartbeats > HEARTBEATS_MAX) drop(stream, 'old');
    else if (!stream.outlet.heartbeat()) drop(stream, 'slow');
  }

  function wake(): void {
    again = true;
    looking ??= lookWhileAsked().finally(() => {
      looking = undefined;
    });
  }

  async function lookWhileAsked(): Promise<void> {
    while (again && !closed) {
      again = false;
      // What failed is looked for again with the next wake-up or in a moment anyway.
      await look().catch((err: unknown) => log.warn({ err }, 'live inboxes could not be brought up to date'));
    }
  }

  const listener = createListener({ databaseUrl: deps.databaseUrl, name: 'schoolbell-notifier-inbox', channel: INBOX_CHANNEL, wake, log });
  const jobs = [
    createPeriodic({ name: 'inbox-look', everyMs: LOOK_EVERY_MS, log, run: () => Promise.resolve(wake()) }),
    createPeriodic({
      name: 'inbox-heartbeat',
      everyMs: HEARTBEAT_EVERY_MS,
      log,
      run: () => Promise.resolve(streams.forEach(beat)),
    }),
  ];

  return {
    start() {
      listener.start();
      for (const job of jobs) job.start();
    },
    open(readerId, after, outlet) {
      const own = [...streams].filter((stream) => stream.readerId === readerId).length;
      if (closed || own >= STREAMS_PER_READER_MAX || streams.size >= STREAMS_MAX) return undefined;
      const stream: Stream = { readerId, after, outlet: outlet(), unread: undefined, heartbeats: 0 };
      streams.add(stream);
      open.set(streams.size);
      wake();
      return () => drop(stream, 'gone');
    },
    close() {
      closed = true;
      for (const stream of streams) drop(stream, 'shutdown');
    },
    async stop() {
      this.close();
      await Promise.all([listener.stop(), ...jobs.map((job) => job.stop())]);
      await looking;
    },
  };
}
