import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';

/** So much of a file's beginning says whether it is the one that was begun. */
const BEGINNING_BYTES = 65_536;

const Progress = z.object({
  /** Size of the file then. */
  fileBytes: z.int().min(0),
  offset: z.int().min(0),
  lines: z.int().min(0),
  accepted: z.int().min(0),
  rejected: z.int().min(0),
});
/** How far a file was taken over: everything before `offset` is committed or reported. */
export type Progress = z.infer<typeof Progress>;

/** What an import is: the same again goes on, anything else begins at the first line. */
export interface ImportIdentity {
  readonly file: string;
  readonly fileBytes: number;
  readonly url: string;
  readonly organizationId: string | undefined;
}

/** The memory of one import, in a file that is replaced as a whole: a kill leaves the old or the new one. */
export interface ResumeState {
  /** `edited`: something was done, of a file that has another size now; it is forgotten. */
  load(): { readonly progress: Progress; readonly edited: boolean };
  save(progress: Progress): void;
  forget(): void;
}

export const nothingDone = (fileBytes: number): Progress => ({ fileBytes, offset: 0, lines: 0, accepted: 0, rejected: 0 });

export async function openResumeState(directory: string, { file, fileBytes, url, organizationId }: ImportIdentity): Promise<ResumeState> {
  const name = JSON.stringify([resolve(file), url, organizationId ?? null]);
  const identity = createHash('sha256').update(`${name}\n`).update(await beginningOf(file)).digest('hex').slice(0, 32);
  const path = join(directory, `${identity}.json`);
  const read = (): Progress => {
    try {
      return Progress.parse(JSON.parse(readFileSync(path, 'utf8')));
    } catch {
      return nothingDone(fileBytes);
    }
  };
  return {
    load() {
      const progress = read();
      const edited = progress.fileBytes !== fileBytes;
      return { progress: edited ? nothingDone(fileBytes) : progress, edited };
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
