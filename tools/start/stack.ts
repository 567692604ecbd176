import { join } from 'node:path';
import { SERVICE_NAMES } from '@schoolbell/contracts';
import {
  accepts,
  createManagedProcess,
  dataDirectory,
  findNats,
  findPlace,
  prepareDatabase,
  repositoryRoot,
  requireFreePort,
  serviceDatabaseUrl,
  startNats,
  startPostgres,
  startServices,
  type Progress,
  type ServiceHandle,
} from '@schoolbell/local-stack';
import { FOLDER, POSTGRES_NAME } from './folder.ts';
import type { Ports } from './ports.ts';
import type { Secrets } from './secrets.ts';

export const DATABASE = 'schoolbell';
const PORT_ADVICE = 'stop that program, or choose other ports with: npm start -- --ports 5100';

export interface StackOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly ports: Ports;
  readonly secrets: Secrets;
  readonly configuration: string;
  readonly progress: Progress;
  readonly echo?: (line: string) => void;
  /** A part ended by itself; it is being started again. */
  readonly onRestart: (what: string) => void;
}

export interface Stack {
  readonly natsUrl: string;
  readonly databaseUrl: string;
  readonly services: readonly ServiceHandle[];
  readonly clientUrl: string;
}

/** Something that was started and must be stopped again, the last first. */
type Undo = () => Promise<void>;
interface Part {
  onUnexpectedEnd(listener: (description: string) => unknown): void;
  restart(): Promise<void>;
}

/** Start everything in the order in which it is needed; `undo` gets each part as soon as it runs. */
export async function startStack(options: StackOptions, undo: Undo[]): Promise<Stack> {
  const { env, ports, secrets, progress, echo } = options;
  const guard = (name: string, part: Part): void =>
    part.onUnexpectedEnd((description) => {
      options.onRestart(`${name} ${description}, starting it again`);
      void part.restart().catch((error: unknown) => options.onRestart(`${name} could not be started again: ${(error as Error).message}`));
    });

  for (const [name, port] of Object.entries(ports.services)) await requireFreePort(port, name, PORT_ADVICE);
  await requireFreePort(ports.client, "the client's server", PORT_ADVICE);

  const source = await findNats({ env, dataDirectory, progress });
  progress(`NATS ${source.kind === 'container' ? source.image : source.version} (${ORIGIN[source.kind]})`);
  let natsUrl: string;
  if (source.kind === 'url') natsUrl = source.url;
  else {
    const nats = await startNats({ source, directory: FOLDER.nats, port: ports.nats, portAdvice: PORT_ADVICE });
    undo.push(nats.stop);
    guard('NATS', nats);
    natsUrl = nats.url;
  }

  let adminUrl = env['DATABASE_URL'];
  progress(adminUrl ? 'Postgres of DATABASE_URL' : 'Postgres, embedded');
  if (!adminUrl) {
    const place = await findPlace(dataDirectory);
    if (!place.directory.startsWith(dataDirectory)) {
      progress(`its files are in ${place.directory}, because the account "${place.account?.name}" may not enter ${dataDirectory}`);
    }
    const postgres = await startPostgres({ place, name: POSTGRES_NAME, port: ports.postgres, logDirectory: FOLDER.logs, portAdvice: PORT_ADVICE });
    undo.push(postgres.stop);
    guard('Postgres', postgres);
    adminUrl = postgres.url;
  }
  const { applied } = await prepareDatabase({ adminUrl, database: DATABASE, services: SERVICE_NAMES });
  progress(applied.length > 0 ? `${applied.length} migrations applied` : 'migrations are all applied');

  const client = createManagedProcess({
    name: "the client's server",
    command: process.execPath,
    args: [join('tools', 'start', 'client', 'main.ts')],
    cwd: repositoryRoot,
    env: { ...env, PORT: String(ports.client), SCHOOLBELL_DESTINATION_SECRET: secrets.SCHOOLBELL_DESTINATION_SECRET },
    logFile: join(FOLDER.logs, 'client.log'),
    ready: () => accepts(ports.client),
  });
  await client.start();
  undo.push(client.stop);
  guard("the client's server", client);

  progress(`the five services: ${SERVICE_NAMES.join(', ')}`);
  const administrator = adminUrl;
  const services = await startServices({
    services: SERVICE_NAMES.map((service) => ({ service, port: ports.services[service] })),
    databaseUrl: (service) => serviceDatabaseUrl(administrator, service, DATABASE),
    natsUrl,
    configuration: options.configuration,
    // People have one token for lessons and inbox, so the notifier knows it by the same secret.
    env: { ...secrets, NOTIFIER_JWT_SECRET: env['NOTIFIER_JWT_SECRET'] || secrets.SCHEDULING_JWT_SECRET, MAIL_FOLDER: FOLDER.mails },
    logDirectory: FOLDER.logs,
    ...(echo && { echo: (service: string, line: string) => echo(`${service}: ${line}`) }),
    portAdvice: PORT_ADVICE,
  });
  for (const service of services) guard(service.service, service);
  undo.push(async () => void (await Promise.all(services.map((service) => service.stop()))));
  return { natsUrl, databaseUrl: adminUrl, services, clientUrl: `http://127.0.0.1:${ports.client}` };
}

const ORIGIN = { url: 'from NATS_URL', binary: 'as a process', container: 'in a container' } as const;
