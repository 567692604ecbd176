import { closeSync, fdatasyncSync, openSync, readFileSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { median } from '../measure/percentiles.ts';
import { monotonicMs } from '../measure/monotonic.ts';

const GIB = 2 ** 30;
const SYNCS = 200;
const SYNC_BYTES = 8192;
/** statfs magic numbers of what a durable database must not be measured on. */
const TMPFS = 0x01021994;

/** What the figures were measured on. Includes the price of one sync of 8 KiB, on which all durable figures hang. */
export async function describeMachine(folder: string): Promise<(readonly [string, string])[]> {
  const processors = cpus();
  const memory = statfsSync(folder).type === TMPFS ? 'in memory (tmpfs): nothing here is durable' : 'on disk';
  return [
    ['machine', `${processors.length} x ${processors[0]?.model ?? 'unknown'}, ${(totalmem() / GIB).toFixed(0)} GiB`],
    ['system', `${distribution()}, Linux ${release()}`],
    ['node', process.version],
    ['data', `${memory}; fdatasync of 8 KiB takes ${syncMs(folder).toFixed(2)} ms (median of ${SYNCS})`],
  ];
}

function distribution(): string {
  return /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'unknown';
}

function syncMs(folder: string): number {
  const path = join(folder, `.sync-${process.pid}`);
  const file = openSync(path, 'w');
  try {
    const page = Buffer.alloc(SYNC_BYTES, 1);
    const times = Array.from({ length: SYNCS }, (_, index) => {
      writeSync(file, page, 0, page.length, (index % 128) * SYNC_BYTES);
      const startedMs = monotonicMs();
      fdatasyncSync(file);
      return monotonicMs() - startedMs;
    });
    return median(times);
  } finally {
    closeSync(file);
    rmSync(path);
  }
}
