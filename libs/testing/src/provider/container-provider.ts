import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, readNatsInfo, type ServerHandle } from '@schoolbell/local-stack';
import pg from 'pg';
import { GenericContainer, getContainerRuntimeClient, Wait } from 'testcontainers';
import { waitFor } from '../wait-for.ts';
import { RUN_LABEL } from './containers-at-hand.ts';
import type { ContainerChoice, ServerProvider } from './provider.ts';

const NATS_PORT = 4222;
const POSTGRES_PORT = 5432;
const START_TIMEOUT_MS = 30_000;
const ANSWER_TIMEOUT_MS = 1000;
const STOP_TIMEOUT_SECONDS = 10;
const PASSWORD = 'postgres';

/** The same servers from images, by Testcontainers. */
export function createContainerProvider(choice: ContainerChoice): ServerProvider {
  // Its own cleaner is an image more that may not be there; the end of the run removes by label instead.
  process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
  const container = (image: string, inside: number, port: number) =>
    new GenericContainer(image)
      .withLabels({ [RUN_LABEL]: choice.run })
      .withExposedPorts({ container: inside, host: port })
      .withWaitStrategy(Wait.forListeningPorts())
      .withStartupTimeout(START_TIMEOUT_MS);
  return {
    name: 'containers',
    async startNats() {
      const port = await freePort();
      const dataDirectory = join(choice.directory, `nats-${randomUUID().slice(0, 8)}`);
      await mkdir(dataDirectory, { recursive: true });
      const started = await container(choice.natsImage, NATS_PORT, port)
        .withUser(`${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`)
        .withBindMounts([{ source: dataDirectory, target: '/data' }])
        .withCommand(['--port', String(NATS_PORT), '--jetstream', '--store_dir', '/data'])
        .start();
      const ready = async () => (await readNatsInfo('127.0.0.1', port))?.jetstream;
      return await handle(started.getId(), { url: `nats://127.0.0.1:${port}`, port, dataDirectory }, ready);
    },
    async startPostgres({ settings = {} } = {}) {
      const port = await freePort();
      const started = await container(choice.postgresImage, POSTGRES_PORT, port)
        .withEnvironment({ POSTGRES_PASSWORD: PASSWORD })
        .withCommand(['postgres', ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])])
        // The image starts a server of its own for its first set-up, so the message comes twice.
        .withWaitStrategy(Wait.forLogMessage(/ready to accept connections/, 2))
        .start();
      const url = `postgresql://postgres:${PASSWORD}@127.0.0.1:${port}/postgres`;
      return await handle(started.getId(), { url, port, dataDirectory: '' }, () => answers(url));
    },
  };
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: ANSWER_TIMEOUT_MS });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function handle(
  id: string,
  fixed: { url: string; port: number; dataDirectory: string },
  ready: () => Promise<boolean | undefined>,
): Promise<ServerHandle> {
  const { container: engine } = await getContainerRuntimeClient();
  const container = engine.getById(id);
  let pid: number | undefined;
  const settle = async () => {
    await waitFor('the container is ready', ready, { timeoutMs: START_TIMEOUT_MS });
    pid = (await container.inspect()).State.Pid;
  };
  const end = async (work: Promise<unknown>) => {
    await work.catch(() => undefined);
    await waitFor('the container has ended', async () => !(await container.inspect()).State.Running);
    pid = undefined;
  };
  const stop = () => end(container.stop({ t: STOP_TIMEOUT_SECONDS }));
  await settle();
  return {
    ...fixed,
    get pid() {
      return pid;
    },
    async kill(signal = 'SIGKILL') {
      if (signal === 'SIGSTOP' || signal === 'SIGCONT') await container.kill({ signal });
      else await end(container.kill({ signal }));
    },
    stop,
    async restart() {
      await stop();
      await container.start();
      await settle();
    },
    onUnexpectedEnd: () => undefined,
  };
}
