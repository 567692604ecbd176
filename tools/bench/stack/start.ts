import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { SERVICE_NAMES, type ServiceName } from '@schoolbell/contracts';
import { findNats, findPlace, startNats, startPostgres } from '@schoolbell/local-stack';
import type { BenchContext } from '../context.ts';
import { dataFolder, DATA_ROOT } from '../folder.ts';
import { cpuMs } from '../measure/cpu.ts';
import { proportionalBytes, residentBytes } from '../measure/memory.ts';
import { startReceiver } from '../receiver/receiver.ts';
import { AGED_LOG_SETTINGS, ageLog } from './aged-log.ts';
import { prepareDatabase } from './database.ts';
import { SOURCE_ID, WEBHOOK_SECRET } from './names.ts';
import { acceptedWebhooks, drained } from './questions.ts';
import { startServices } from './services.ts';
import type { BenchStack } from './stack.ts';
import { costlyStatements, STATEMENT_SETTINGS } from './statements.ts';

export interface StackOptions {
  /** Default: all five. */
  readonly services?: readonly ServiceName[];
  /** Folder of its data and logs: two stacks may run at once. */
  readonly name?: string;
  /** Of Postgres, beside those of every stack. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Everything fresh, from the database's files on; gone at the end of the scenario, or when `stop` is called before. */
export async function startBenchStack(context: BenchContext, options: StackOptions = {}): Promise<BenchStack> {
  const { services: names = SERVICE_NAMES, name = 'stack', settings = {} } = options;
  const stops: (() => unknown)[] = [];
  let stopped: Promise<void> | undefined;
  const stop = () => (stopped ??= stopAll(stops));
  context.defer(stop);

  const place = await findPlace(DATA_ROOT);
  const databaseName = `bench-${name}`;
  const clear = () => [dataFolder(name), join(place.directory, databaseName)].forEach((path) => rmSync(path, { recursive: true, force: true }));
  clear();
  if (!context.keep) stops.push(clear);
  const folder = dataFolder(name);

  // A server of its own, as a process that can be measured: never one that somebody else uses.
  const source = await findNats({ env: { ...process.env, NATS_URL: '' }, dataDirectory: DATA_ROOT, progress: context.progress });
  if (source.kind !== 'binary') throw new Error('the bench needs NATS as a process of its own: put nats-server on PATH');
  const postgres = await startPostgres({
    place,
    name: databaseName,
    logDirectory: folder,
    settings: { ...AGED_LOG_SETTINGS, ...settings, ...(context.profile ? STATEMENT_SETTINGS : {}) },
  });
  stops.push(postgres.stop);
  const nats = await startNats({ source, directory: folder });
  stops.push(nats.stop);
  const database = await prepareDatabase(postgres.url);
  stops.push(() => database.admin.end());
  await ageLog(database.admin);
  context.note('postgres', Object.entries(database.settings).map((setting) => setting.join(' ')).join(', '));
  context.note('nats', source.version);

  const receiver = await startReceiver();
  stops.push(receiver.stop);
  const services = await startServices(names, { folder, natsUrl: nats.url, destinationUrl: receiver.url, databaseUrl: database.url, profile: context.profile });
  stops.push(() => Promise.all(services.map(({ process }) => process.stop())));

  if (context.profile) stops.push(async () => (await costlyStatements(database.admin)).forEach(context.progress));

  const urlOf = (service: ServiceName) => services.find(({ name }) => name === service)!.url;
  const ofServices = (read: (pid: number) => number) => Object.fromEntries(services.map(({ name, process }) => [name, read(process.pid!)]));
  const ask = async <Row>(sql: string, values: readonly unknown[] = []) => (await database.admin.query(sql, [...values])).rows as Row[];
  return {
    target: { url: `${urlOf('ingest')}/v1/webhooks/${SOURCE_ID}`, secret: WEBHOOK_SECRET },
    receiver,
    urlOf,
    natsFolder: nats.dataDirectory,
    cpu: () => ({ ...ofServices(cpuMs), postgres: cpuMs(postgres.pid!), nats: cpuMs(nats.pid!) }),
    proportional: () => ({ ...ofServices(proportionalBytes), postgres: proportionalBytes(postgres.pid!), nats: proportionalBytes(nats.pid!) }),
    memory: () => ({ ...ofServices(residentBytes), postgres: proportionalBytes(postgres.pid!), nats: residentBytes(nats.pid!) }),
    acceptedWebhooks: () => acceptedWebhooks(ask),
    drained: () => drained(ask),
    ask,
    stop,
  };
}

/** The last that was started ends first. */
async function stopAll(stops: (() => unknown)[]): Promise<void> {
  for (const stop of stops.reverse()) await stop();
}
