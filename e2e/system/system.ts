import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SERVICE_NAMES, type ServiceName } from '@schoolbell/contracts';
import { freePort, startServices, stopServices, type ServiceHandle } from '@schoolbell/local-stack';
import {
  startNats,
  startPostgres,
  startReceiver,
  startTelegram,
  TEST_TOKEN,
  testConfiguration,
  waitFor,
  type Receiver,
  type RunningNats,
  type RunningPostgres,
  type TelegramStandIn,
  type TestConfigurationOptions,
} from '@schoolbell/testing';

/** The chat of the on-call admin: a person, because groups hear at most 20 messages a minute. */
const ON_CALL_CHAT = 4711;
/** Short enough for a test, long enough that a busy machine does not make it a fault of its own. */
const DESTINATION_TIMEOUT_MS = 3_000;
const READY_TIMEOUT_MS = 30_000;

/** The whole product as processes, with the outside world it meets. Every part can be a victim. */
export interface System {
  readonly postgres: RunningPostgres;
  readonly nats: RunningNats;
  readonly receiver: Receiver;
  readonly telegram: TelegramStandIn;
  replicas(service: ServiceName): readonly ServiceHandle[];
  /** Ask an operating endpoint of the first replica, with a token that may do everything. */
  ask<T>(service: ServiceName, path: string, init?: RequestInit): Promise<T>;
  stop(): Promise<void>;
}

export interface SystemOptions {
  readonly replicas?: number;
  readonly destination?: TestConfigurationOptions['destination'];
}

export async function startSystem({ replicas = 1, destination }: SystemOptions = {}): Promise<System> {
  const stops: (() => Promise<unknown>)[] = [];
  const keep = <T>(part: T, stop: (part: T) => Promise<unknown>): T => {
    stops.push(() => stop(part));
    return part;
  };
  const stop = async (): Promise<void> => {
    for (const end of stops.splice(0).reverse()) await end();
  };
  try {
    const directory = keep(await mkdtemp(join(tmpdir(), 'schoolbell-e2e-')), (path) => rm(path, { recursive: true, force: true }));
    const [postgres, nats, receiver, telegram] = [
      keep(await startPostgres(), (server) => server.stop()),
      keep(await startNats(), (server) => server.stop()),
      keep(await startReceiver(), (server) => server.stop()),
      keep(await startTelegram({ chats: [ON_CALL_CHAT] }), (server) => server.stop()),
    ];
    const database = await postgres.database(SERVICE_NAMES);
    const services = await Promise.all(
      SERVICE_NAMES.flatMap((service) => Array.from({ length: replicas }, async () => ({ service, port: await freePort() }))),
    );
    const configuration = testConfiguration({
      receiverUrl: receiver.url,
      destination: { timeoutMs: DESTINATION_TIMEOUT_MS, ...destination },
      overrides: {
        telegram: { botToken: { env: 'TEST_BOT_TOKEN' }, apiRoot: telegram.apiRoot, chats: [{ id: ON_CALL_CHAT, name: 'on-call' }] },
        watch: services.map(({ service, port }) => ({ service, url: `http://127.0.0.1:${port}/health/ready` })),
      },
    });
    const path = join(directory, 'schoolbell.json');
    await configuration.write(path);
    const handles = keep(
      await startServices({
        services,
        databaseUrl: (service) => database.url(service),
        natsUrl: nats.url,
        configuration: path,
        env: { ...configuration.env, TEST_BOT_TOKEN: telegram.token },
        logDirectory: process.env['E2E_LOGS'] ?? directory,
      }),
      stopServices,
    );
    const first = (service: ServiceName): ServiceHandle => handles.find((handle) => handle.service === service)!;
    const isReady = async ({ url }: ServiceHandle): Promise<boolean> => (await fetch(`${url}/health/ready`).catch(() => undefined))?.ok === true;
    for (const handle of handles) await waitFor(`${handle.service} is ready`, () => isReady(handle), { timeoutMs: READY_TIMEOUT_MS });

    return {
      postgres,
      nats,
      receiver,
      telegram,
      replicas: (service) => handles.filter((handle) => handle.service === service),
      async ask<T>(service: ServiceName, requestPath: string, init: RequestInit = {}): Promise<T> {
        const answer = await fetch(`${first(service).url}${requestPath}`, {
          ...init,
          headers: { authorization: `Bearer ${TEST_TOKEN}`, 'content-type': 'application/json', ...init.headers },
        });
        const text = await answer.text();
        if (!answer.ok) throw new Error(`${service} answered ${answer.status} to ${requestPath}: ${text}`);
        return JSON.parse(text) as T;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
