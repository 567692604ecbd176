import { appendFile, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { nothingDone, openResumeState } from './resume.ts';

let directory: string;
let file: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'schoolbell-resume-'));
  file = join(directory, 'history.ndjson');
});
beforeEach(() => writeFile(file, 'one\ntwo\n'));
afterAll(() => rm(directory, { recursive: true, force: true }));

const open = async (change: object = {}) =>
  openResumeState(join(directory, 'state'), { file, fileBytes: (await stat(file)).size, url: 'http://results', organizationId: undefined, ...change });
const half = { fileBytes: 8, offset: 4, lines: 1, accepted: 1, rejected: 0 };

describe('the state of an import', () => {
  it('is that of a file, an address and an organization', async () => {
    (await open({ organizationId: 'acme' })).save(half);
    expect((await open({ organizationId: 'acme' })).load()).toEqual({ progress: half, edited: false });
    for (const other of [{}, { organizationId: 'initech' }, { organizationId: 'acme', url: 'http://elsewhere' }]) {
      expect((await open(other)).load()).toEqual({ progress: nothingDone(8), edited: false });
    }
  });

  it('is nothing, and says so, when the file was edited', async () => {
    const long = 'x'.repeat(70_000);
    await writeFile(file, long);
    (await open()).save({ ...half, fileBytes: long.length });
    await appendFile(file, 'y');
    expect((await open()).load()).toEqual({ progress: nothingDone(long.length + 1), edited: true });
  });
});
