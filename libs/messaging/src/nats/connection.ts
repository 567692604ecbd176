import type { Log } from '@schoolbell/service-kit';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { jetstream, jetstreamManager, type JetStreamClient, type JetStreamManager } from '@nats-io/jetstream';
import { waitMs } from '@schoolbell/time';
import { EVENT_BYTES_MAX } from '../events/encode.ts';

const RECONNECT_WAIT_MS = 250;
const CONNECT_TIMEOUT_MS = 2_000;
/** Messages of the core protocol wait at most this long at shutdown. */
const DRAIN_TIMEOUT_MS = 5_000;

/** A live connection with its JetStream views. */
export interface NatsSession {
  readonly connection: NatsConnection;
  readonly jetstream: JetStreamClient;
  readonly manager: JetStreamManager;
}

/**
 * The service's tie to NATS. A service starts without it and goes on without it: NATS is transport, not the ledger.
 * `current()` is undefined until the first connection and after `close()`.
 */
export interface Nats {
  current(): NatsSession | undefined;
  connected(): boolean;
  /** Resolves with the session once there is one; undefined when the signal fires first. */
  session(signal: AbortSignal): Promise<NatsSession | undefined>;
  /** Called after each connect and reconnect. Returns how to stop listening. */
  onConnect(listener: () => void): () => void;
  /** Called after each loss of the connection. */
  onDisconnect(listener: () => void): () => void;
  close(): Promise<void>;
}

/** Connects in the background and for ever, until closed. */
export function connectNats(options: { url: string; name: string; log: Log }): Nats {
  const { url, name, log } = options;
  const closing = new AbortController();
  const connectListeners = new Set<() => void>();
  const disconnectListeners = new Set<() => void>();
  let session: NatsSession | undefined;
  let up = false;

  const announce = (state: boolean): void => {
    up = state;
    for (const listener of state ? connectListeners : disconnectListeners) listener();
  };

  async function watch(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) {
      if (status.type === 'disconnect' && up) {
        log.warn({ server: status.server }, 'nats connection lost');
        announce(false);
      }
      if (status.type === 'reconnect') {
        log.info({ server: status.server }, 'nats connection is back');
        announce(true);
      }
    }
  }

  async function establish(): Promise<void> {
    let reported = false;
    while (!closing.signal.aborted) {
      try {
        const connection = await connect({
          ...accessOf(url),
          name,
          timeout: CONNECT_TIMEOUT_MS,
          maxReconnectAttempts: -1,
          reconnectTimeWait: RECONNECT_WAIT_MS,
          // Else the second refusal in a row is the end of all attempts: a server that was started with the wrong users for a moment.
          ignoreAuthErrorAbort: true,
        });
        if (closing.signal.aborted) return await connection.close();
        const maxPayload = connection.info?.max_payload ?? Infinity;
        if (maxPayload <= EVENT_BYTES_MAX) log.error({ maxPayload }, `nats takes messages of ${maxPayload} bytes only: raise its max_payload to 1 MiB or more, or large events stop their stream`);
        const client = jetstream(connection);
        // checkAPI off: a server without JetStream yet must not fail the start.
        session = { connection, jetstream: client, manager: await jetstreamManager(connection, { checkAPI: false }) };
        void watch(connection);
        announce(true);
        return;
      } catch (error) {
        if (!reported) log.warn({ err: error }, 'nats is not reachable yet, going on without it');
        reported = true;
        await waitMs(RECONNECT_WAIT_MS, closing.signal);
      }
    }
  }
  const established = establish();

  return {
    current: () => session,
    connected: () => up,
    async session(signal) {
      while (session === undefined && !signal.aborted && !closing.signal.aborted) {
        await waitMs(RECONNECT_WAIT_MS / 5, AbortSignal.any([signal, closing.signal]));
      }
      return session;
    },
    onConnect: (listener) => subscribe(connectListeners, listener),
    onDisconnect: (listener) => subscribe(disconnectListeners, listener),
    async close() {
      closing.abort();
      await established;
      const connection = session?.connection;
      session = undefined;
      if (connection === undefined || connection.isClosed()) return;
      // A drain waits for the server; with the server away there is nothing to wait for.
      if (up) await Promise.race([connection.drain().catch(() => undefined), waitMs(DRAIN_TIMEOUT_MS)]);
      if (!connection.isClosed()) await connection.close();
      up = false;
    },
  };
}

/**
 * Servers and credentials of `nats://user:password@host`. The client reads none from an address; those of the first
 * server count for all, which are one cluster.
 */
export function accessOf(url: string): { servers: string[]; user?: string; pass?: string } {
  const addresses = url.split(',').map((text) => text.trim());
  const first = URL.parse(addresses[0] ?? '');
  const servers = addresses.map((address) => address.replace(/^(\w+:\/\/)?[^@/]*@/, '$1'));
  if (first === null || first.username === '') return { servers };
  return { servers, user: decodeURIComponent(first.username), pass: decodeURIComponent(first.password) };
}

function subscribe(listeners: Set<() => void>, listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}
