import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SERVICE_NAMES } from '@schoolbell/contracts';
import type { BenchStack } from './stack.ts';

const BLOCK_BYTES = 512;

/** Bytes on disk of each service's schema, indexes and overflow included, and of JetStream's files. */
export async function storedBytes(stack: BenchStack): Promise<Record<string, number>> {
  // Freshly written pages may still be in memory only; the sizes of the files are what counts.
  await stack.ask('CHECKPOINT');
  const rows = await stack.ask<{ schema: string; bytes: string }>(
    `SELECT relnamespace::regnamespace::text AS schema, sum(pg_total_relation_size(oid))::text AS bytes
       FROM pg_class WHERE relkind IN ('r', 'm') AND relnamespace::regnamespace::text = ANY($1) GROUP BY 1`,
    [SERVICE_NAMES],
  );
  return { ...Object.fromEntries(rows.map(({ schema, bytes }) => [schema, Number(bytes)])), jetstream: folderBytes(stack.natsFolder) };
}

function folderBytes(folder: string): number {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + BLOCK_BYTES * statSync(join(parentPath, name)).blocks, 0);
}
