import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@schoolbell/service-kit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LaneSnapshot } from './snapshot.ts';
import { createSpool } from './spool.ts';

const EMPTY: LaneSnapshot = { version: 1, problems: [], waiting: [], inHand: [], paces: [], spoken: [] };
const snapshot = (chatId: string): LaneSnapshot => ({ ...EMPTY, waiting: [{ chatId, notices: [] }] });

let directory: string;
let lines: string[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'spool-test-'));
  lines = [];
});
afterEach(() => rm(directory, { recursive: true }));

const create = (path: string) => createSpool({ path, log: createLogger({ service: 'notifier', level: 'warn', destination: { write: (line) => void lines.push(line) } }) });

describe('the spool', () => {
  it('keeps the newest state as a whole, and is gone when it is not needed any more', async () => {
    const path = join(directory, 'deep', 'spool.json');
    const spool = create(path);
    expect(await spool.load()).toBeUndefined();
    for (const chat of ['1', '2', '3']) spool.save(() => snapshot(chat));
    await spool.flush();
    expect(await create(path).load()).toEqual(snapshot('3'));
    expect(await readdir(join(directory, 'deep'))).toEqual(['spool.json']);
    spool.save(() => snapshot('4'));
    await spool.clear();
    expect(await readdir(join(directory, 'deep'))).toEqual([]);
    expect(lines).toEqual([]);
  });

  it('puts aside what it cannot understand', async () => {
    const path = join(directory, 'spool.json');
    await writeFile(path, '{"version":1,"prob');
    expect(await create(path).load()).toBeUndefined();
    expect(await readFile(`${path}.unreadable`, 'utf8')).toBe('{"version":1,"prob');
    expect(lines).toHaveLength(1);
  });

  it('says once that there is no place for a file, and goes on', async () => {
    const file = join(directory, 'a-file');
    await writeFile(file, '');
    const spool = create(join(file, 'spool.json'));
    for (let round = 0; round < 3; round += 1) {
      spool.save(() => snapshot('1'));
      await spool.flush();
    }
    await spool.clear();
    expect(lines.filter((line) => line.includes('cannot be written'))).toHaveLength(1);
  });
});
