import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createLogger, createMetrics, type Database } from '@schoolbell/service-kit';
import { parseSecret } from '@schoolbell/standard-webhooks';
import { systemClock } from '@schoolbell/time';
import { afterEach, describe, expect, it } from 'vitest';
import { createDatabaseClock } from '../clock/database-clock.ts';
import type { Destination } from '../destination/compile.ts';
import type { Job } from '../wanted/job.ts';
import type { Attempted } from './delivery.ts';
import { createDispatcher, type Dispatcher } from './dispatcher.ts';

// A server that never answers.
let hanging: ReturnType<typeof createServer> | undefined;
afterEach(() => {
  hanging?.closeAllConnections();
  hanging?.close();
});

const ended = Promise.withResolvers<Attempted>();

async function dispatcherTo(organizationId: string): Promise<Dispatcher> {
  hanging = createServer();
  await once(hanging.listen(0, '127.0.0.1'), 'listening');
  const { port } = hanging.address() as AddressInfo;
  const away = () => Promise.reject(new Error('the database is away'));
  const dispatcher = createDispatcher({
    db: { query: away, transaction: away } as unknown as Database,
    announcer: { changed: () => Promise.resolve(), parked: () => Promise.resolve() },
    clock: createDatabaseClock(systemClock),
    random: () => 0,
    log: createLogger({ service: 'delivery', level: 'silent' }),
    metrics: createMetrics('delivery'),
    onAttempt: ended.resolve,
    stopMaxMs: 20,
  });
  const destination = {
    id: 'd',
    organizationId,
    url: `http://127.0.0.1:${port}/`,
    timeoutMs: 60_000,
    concurrency: 4,
    ratePerSecond: 10,
    allowPrivateNetwork: true,
    keys: [parseSecret(`whsec_${Buffer.alloc(32, 7).toString('base64')}`)],
    ownHeaders: [],
    compiled: undefined,
  } as unknown as Destination;
  dispatcher.configure(new Map([['d', destination]]));
  return dispatcher;
}
const job = (): Job => ({ destinationId: 'd', organizationId: 'acme', kind: 'summary', key: 'u', revision: 1, body: '{}', replayId: null, attempts: 0, waitedMs: 0, probe: false, token: 't', leaseUntil: systemClock.now() + 90_000, generation: 0 });

describe('a dispatcher', () => {
  it('that stops does not wait for a destination that hangs', async () => {
    const dispatcher = await dispatcherTo('acme');
    const asked = once(hanging!, 'request');
    dispatcher.take([job()]);
    await asked;
    await dispatcher.stop();
    expect(dispatcher.line('d')?.inFlight()).toBe(1);
    hanging!.closeAllConnections();
    expect(await ended.promise).toMatchObject({ outcome: 'breaker-failure' });
  });

  it('sends nothing that was claimed for another organization, should a reload come between', async () => {
    const dispatcher = await dispatcherTo('globex');
    dispatcher.take([job()]);
    expect(dispatcher.line('d')?.inFlight()).toBe(0);
    await dispatcher.stop();
  });
});
