import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Log } from '@schoolbell/service-kit';
import { parseSnapshot, type LaneSnapshot } from './snapshot.ts';

/**
 * One small file that outlives the process while the database is away. It always holds the newest state as a whole,
 * so it cannot grow: its bound is the bound of the lane.
 */
export interface Spool {
  /** What a former process left. */
  load(): Promise<LaneSnapshot | undefined>;
  /** Writes soon what `take` returns then; calls during a write become one. Never throws: the alarm goes on without a file. */
  save(take: () => LaneSnapshot): void;
  clear(): Promise<void>;
  /** Resolves when everything is written. */
  flush(): Promise<void>;
}

export function createSpool({ path, log }: { path: string; log: Log }): Spool {
  let wanted: (() => LaneSnapshot) | undefined;
  let writing: Promise<void> | undefined;
  let failing = false;

  async function write(snapshot: LaneSnapshot): Promise<void> {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(`${path}.new`, 'w', 0o600);
    try {
      await file.writeFile(JSON.stringify(snapshot));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${path}.new`, path);
  }

  async function work(): Promise<void> {
    while (wanted !== undefined) {
      const take = wanted;
      wanted = undefined;
      try {
        await write(take());
        failing = false;
      } catch (error) {
        if (!failing) log.error({ err: error, path }, 'the spool file cannot be written, alerts are kept in memory only');
        failing = true;
      }
    }
  }

  const flush = async (): Promise<void> => {
    await writing;
  };

  return {
    async load() {
      try {
        const snapshot = parseSnapshot(await readFile(path, 'utf8'));
        if (snapshot === undefined) {
          await rename(path, `${path}.unreadable`);
          log.error({ path: `${path}.unreadable` }, 'the spool file could not be understood and was put aside');
        }
        return snapshot;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') log.error({ err: error, path }, 'the spool file cannot be read');
        return undefined;
      }
    },
    save(take) {
      wanted = take;
      writing ??= work().finally(() => {
        writing = undefined;
      });
    },
    async clear() {
      wanted = undefined;
      await flush();
      await rm(path, { force: true }).catch((error: unknown) => log.error({ err: error, path }, 'the spool file cannot be removed'));
    },
    flush,
  };
}
