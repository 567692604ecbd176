import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLogger, createMetrics } from '@schoolbell/service-kit';
import { waitFor } from '@schoolbell/testing';
import { describe, expect, it } from 'vitest';
import { createHeartbeat } from './heartbeat.ts';

const SECRET_PATH = '/ping/a-secret-of-the-monitor';

describe('the heartbeat', () => {
  it('is heard while all is well, withheld while something is not, and its address stands in no log', async () => {
    const heard: string[] = [];
    let status = 200;
    const server = createServer((request, response) => {
      heard.push(`${request.method} ${request.url}`);
      response.writeHead(status).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${SECRET_PATH}`;
    const lines: string[] = [];
    let ill: string | undefined;
    const metrics = createMetrics('notifier');
    const heartbeat = createHeartbeat({
      target: () => ({ url, method: 'GET' }),
      vitals: { database: () => undefined, nats: () => ill, queue: () => undefined, consumers: () => undefined },
      log: createLogger({ service: 'notifier', level: 'debug', destination: { write: (line) => void lines.push(line) } }),
      metrics,
      everyMs: 20,
    });
    const count = async (outcome: string): Promise<number> => Number(new RegExp(`outcome="${outcome}"[^}]*\\} (\\d+)`).exec(await metrics.registry.metrics())?.[1] ?? 0);
    heartbeat.start();
    await waitFor('it is heard', async () => (await count('heard')) > 1);
    expect(heard[0]).toBe(`GET ${SECRET_PATH}`);
    ill = 'there is no connection to NATS';
    await waitFor('it is withheld', async () => (await count('withheld')) > 0);
    const before = heard.length;
    await waitFor('it stays withheld', async () => (await count('withheld')) > 3);
    expect(heard).toHaveLength(before);
    ill = undefined;
    status = 500;
    await waitFor('a refusal is noticed', async () => (await count('failed')) > 0);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await waitFor('an outage is noticed', () => lines.some((line) => line.includes('ECONNREFUSED')));
    await heartbeat.stop();
    expect(lines.join('\n')).not.toContain(SECRET_PATH);
    expect(lines.some((line) => line.includes('there is no connection to NATS'))).toBe(true);
  });
});
