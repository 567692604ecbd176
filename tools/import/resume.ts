import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';

/** So much of a file's beginning says whether it is the one that was begun. */
const BEGINNING_BYTES = 65_536;

const Progress = z.object({
  offset: z.int().min(0),
  lines: z.int().min(0),
  accepted: z.int().min(0),
  rejected: z.int().min(0),
});
/** How far a file was taken over: everything before `offset` is committed or reported. */
export type Progress = z.infer<typeof Progress>;

export const NOTHING_DONE: Progress = Object.freeze({ offset: 0, lines: 0, accepted: 0, rejected: 0 });

/** The memory of one import, in a file that is replaced as a whole: a kill leaves the old or the new one. */
export interface ResumeState {
  load(): Progress;
  save(progress: Progress): void;
  forget(): void;
}

export async function openResumeState(directory: string, file: string, url: string): Promise<ResumeState> {
  const identity = createHash('sha256').update(`${resolve(file)}\n${url}\n`).update(await beginningOf(file)).digest('hex').slice(0, 32);
  const path = join(directory, `${identity}.json`);
  return {
    load() {
      try {
        return Progress.parse(JSON.parse(readFileSync(path, 'utf8')));
      } catch {
        return NOTHING_DONE;
      }
    },
    save(progress) {
      mkdirSync(directory, { recursive: true });
      writeFileSync(`${path}.new`, JSON.stringify(progress));
      renameSync(`${path}.new`, path);
    },
    forget: () => rmSync(path, { force: true }),
  };
}

async function beginningOf(file: string): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(BEGINNING_BYTES), 0, BEGINNING_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
