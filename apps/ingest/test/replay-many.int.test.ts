import { PrismaPg } from '@prisma/adapter-pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PrismaClient } from '../src/generated/client.ts';
import { createCatalog, type QuarantineCatalog } from '../src/quarantine/catalog.ts';
import { createCipher } from '../src/quarantine/cipher.ts';
import { replayMost } from '../src/quarantine/replay-many.ts';
import { createReplayer, type Replayer } from '../src/quarantine/replay.ts';
import { quarantineBatch } from '../src/quarantine/store.ts';
import { createSource, type Source, type SourceEntry } from '../src/sources/source.ts';
import { openParts, type Parts } from './database.ts';

const cipher = createCipher(Buffer.alloc(32, 9).toString('base64'));
const entry: SourceEntry = {
  id: 'platform',
  organizations: ['acme'],
  authentication: { scheme: 'bearer', secrets: [] },
  eventId: { header: 'webhook-id' },
  typePointer: '/type',
  ignoreTypes: [],
  ratePerSecond: 1,
};
const invalid = createSource(entry, { authentication: { challenge: '', authenticate: () => 'verified' }, transform: undefined });

let parts: Parts;
let prisma: PrismaClient;
let catalog: QuarantineCatalog;
beforeAll(async () => {
  parts = await openParts();
  prisma = new PrismaClient({ adapter: new PrismaPg(parts.db.pool, { schema: 'ingest' }) });
  catalog = createCatalog(prisma);
});
beforeEach(async () => {
  await parts.clear();
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    const key = { source: 'platform', webhookId: name, bodySha256: '00' };
    const body = cipher.encrypt(Buffer.from('{}'), `platform ${name} 00`);
    await quarantineBatch(parts, [{ ...key, reason: 'structure', errors: [], known: {}, keyId: cipher.keyId, body }], parts.clock.now());
    parts.clock.advance(1_000);
  }
});
afterAll(async () => {
  await prisma?.$disconnect();
  await parts?.close();
});

describe('a replay of many that has no time for all', () => {
  it.each<[string, Source | undefined]>([
    ['stay invalid', invalid],
    ['have no source', undefined],
  ])('gets further with every call, although rows before %s', async (_, source) => {
    const replayer = createReplayer({ ...parts, source: () => source, cipher: () => cipher });
    const seen: string[] = [];
    const watching: Replayer = {
      async replay(id, options) {
        seen.push((await catalog.find(id))!.webhookId);
        return replayer.replay(id, options);
      },
    };
    const call = async (rows: number, dryRun = false) => {
      let left = rows;
      const { matching } = await replayMost({ catalog, replayer: watching, replayed: () => Promise.resolve() }, {}, { dryRun, limit: 4, proceed: () => (left -= 1) >= 0 });
      parts.clock.advance(1_000);
      return matching;
    };
    expect(await call(2)).toBe(5);
    expect(await call(2, true)).toBe(5);
    await call(4);
    expect(seen.join('')).toBe('ab' + 'cd' + 'cdea');
  });
});
