import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { isRecentEnough, readNatsInfo, type ServerHandle } from '@schoolbell/local-stack';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServerProvider } from '../src/index.ts';

const STREAM = 'KEPT';

/** What a provider of servers must do, whichever it is. */
export function describeProvider(name: string, make: () => Promise<ServerProvider>): void {
  describe(`provider ${name}`, () => {
    describe('NATS', () => {
      let nats: ServerHandle;
      beforeAll(async () => void (nats = await (await make()).startNats()));
      afterAll(() => nats.stop());

      const stored = () => withNats(nats.url, async (connection) => (await (await jetstreamManager(connection)).streams.info(STREAM)).state.messages);

      it('is recent enough and has JetStream', async () => {
        const info = await readNatsInfo('127.0.0.1', nats.port);
        expect(info?.jetstream).toBe(true);
        expect(isRecentEnough(info?.version ?? '0.0.0')).toBe(true);
        expect(nats.pid).toBeGreaterThan(0);
      });

      it('keeps its address and what it acknowledged over a kill', async () => {
        await withNats(nats.url, async (connection) => {
          await (await jetstreamManager(connection)).streams.add({ name: STREAM, subjects: ['kept'] });
          for (let index = 0; index < 10; index += 1) await jetstream(connection).publish('kept', String(index));
        });
        await nats.kill('SIGKILL');
        expect(nats.pid).toBeUndefined();
        expect(await readNatsInfo('127.0.0.1', nats.port)).toBeUndefined();
        await nats.restart();
        expect(await stored()).toBe(10);
      });

      it('has its files where a test can delete them', async () => {
        expect(existsSync(nats.dataDirectory)).toBe(true);
        await nats.stop();
        await rm(nats.dataDirectory, { recursive: true, force: true });
        await nats.restart();
        await expect(stored()).rejects.toThrow(/stream not found/);
      });
    });

    describe('Postgres', () => {
      let postgres: ServerHandle;
      beforeAll(async () => void (postgres = await (await make()).startPostgres({ settings: { work_mem: '5MB' } })));
      afterAll(() => postgres.stop());

      const show = async (setting: string) => (await ask<Record<string, string>>(postgres.url, `SHOW ${setting}`))[0]?.[setting];

      it('has durability on, whatever else is set', async () => {
        for (const setting of ['fsync', 'full_page_writes', 'synchronous_commit']) expect(await show(setting)).toBe('on');
        expect(await show('work_mem')).toBe('5MB');
      });

      it('may create roles and the extension that the services need', async () => {
        await ask(postgres.url, 'CREATE EXTENSION btree_gist');
        await ask(postgres.url, 'CREATE ROLE somebody LOGIN');
        expect(await ask(postgres.url, "SELECT FROM pg_extension WHERE extname = 'btree_gist'")).toHaveLength(1);
      });

      it('keeps its address and what it committed over a kill and a stop', async () => {
        await ask(postgres.url, 'CREATE TABLE kept AS SELECT 7 AS value');
        await postgres.kill('SIGKILL');
        expect(postgres.pid).toBeUndefined();
        await expect(ask(postgres.url, 'SELECT 1')).rejects.toThrow();
        await postgres.restart();
        await postgres.stop();
        await postgres.restart();
        expect(await ask(postgres.url, 'SELECT value FROM kept')).toEqual([{ value: 7 }]);
      });
    });
  });
}

async function withNats<T>(url: string, work: (connection: Awaited<ReturnType<typeof connect>>) => Promise<T>): Promise<T> {
  const connection = await connect({ servers: url });
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}

async function ask<Row extends pg.QueryResultRow>(url: string, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}
