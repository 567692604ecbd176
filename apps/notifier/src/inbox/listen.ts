import type { Log } from '@schoolbell/service-kit';
import { waitMs } from '@schoolbell/time';
import pg from 'pg';

const CONNECT_TIMEOUT_MS = 2_000;
const RECONNECT_WAIT_MS = 1_000;
const GOOD_BYE_MS = 500;

/** Calls `wake` when somebody notifies the channel. Only a wake-up: whoever listens also looks by itself from time to time. */
export interface Listener {
  start(): void;
  stop(): Promise<void>;
}

/** LISTEN needs a connection of its own for as long as it lasts; a lost one is replaced, and wakes too. */
export function createListener(deps: { databaseUrl: string; name: string; channel: string; wake: () => void; log: Log }): Listener {
  const { databaseUrl, name, channel, wake, log } = deps;
  const stopping = new AbortController();
  let running: Promise<void> | undefined;

  async function listenOnce(): Promise<void> {
    const client = new pg.Client({ connectionString: databaseUrl, application_name: name, connectionTimeoutMillis: CONNECT_TIMEOUT_MS, keepAlive: true });
    const ended = new Promise<void>((resolve) => {
      client.on('error', () => resolve());
      client.on('end', () => resolve());
      stopping.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    client.on('notification', wake);
    try {
      await client.connect();
      await client.query(`LISTEN ${channel}`);
      wake();
      if (!stopping.signal.aborted) await ended;
    } finally {
      const said = new AbortController();
      await Promise.race([client.end().catch(() => undefined), waitMs(GOOD_BYE_MS, said.signal)]);
      said.abort();
      client.connection?.stream.destroy();
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      await listenOnce().catch((err: unknown) => log.debug({ err, channel }, 'listening ended'));
      await waitMs(RECONNECT_WAIT_MS, stopping.signal);
    }
  }

  return {
    start() {
      running ??= run();
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
