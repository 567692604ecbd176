import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { dataDirectory } from '@schoolbell/local-stack';

/** The project's data folder, unless `BENCH_DATA` names another, such as one on the disk that is to be measured. */
export const DATA_ROOT = process.env['BENCH_DATA'] ?? dataDirectory;

/** Where the bench keeps its databases and logs while it runs. */
export function dataFolder(...path: string[]): string {
  const folder = join(DATA_ROOT, 'bench', ...path);
  mkdirSync(folder, { recursive: true });
  return folder;
}
