import { appendFileSync, existsSync, rmSync, statSync } from 'node:fs';
import { inBatches, jsonList, type BatchBounds } from './batches.ts';
import { post } from './client.ts';
import { ImportError } from './error.ts';
import { LINE_MAX_BYTES, readLines, type Line } from './lines.ts';
import { createProgressPrinter } from './progress.ts';
import { nothingDone, openResumeState, type Progress } from './resume.ts';

/** Of one request: the endpoint's own bound, and half of the bytes that it takes. */
export const IMPORT_BATCH: BatchBounds = { lines: 500, bytes: 1_048_576 };
/** Bad lines that are printed; all of them are in the file. */
const PRINTED_MAX = 20;

export interface ImportOptions {
  readonly file: string;
  readonly url: string;
  readonly token: string;
  readonly organizationId: string | undefined;
  readonly dryRun: boolean;
  readonly restart: boolean;
}

export interface ImportDeps {
  readonly stateDirectory: string;
  readonly terminal: boolean;
  readonly write: (text: string) => void;
  readonly nowMs: () => number;
}

interface BadLine {
  readonly line: number;
  readonly errors: readonly { readonly pointer: string; readonly detail: string }[];
  readonly text: string | undefined;
}

interface Answer {
  readonly rejected: readonly { readonly index: number; readonly errors: BadLine['errors'] }[];
}

/** Takes a file over, batch by batch; what was answered is remembered, so that a killed run goes on after it. */
export async function runImport(options: ImportOptions, deps: ImportDeps): Promise<Progress> {
  const { file, dryRun, organizationId } = options;
  const { write } = deps;
  const totalBytes = sizeOf(file);
  const state = await openResumeState(deps.stateDirectory, { ...options, fileBytes: totalBytes });
  if (options.restart && !dryRun) state.forget();
  const earlier = dryRun ? undefined : state.load();
  let progress = earlier?.progress ?? nothingDone(totalBytes);
  const rejectedFile = rejectedFileOf(options);
  if (earlier?.edited === true) write('The file has another size than in an earlier run: beginning at the first line.\n');
  if (progress.offset === 0) rmSync(rejectedFile, { force: true });
  else write(`Going on after line ${progress.lines.toLocaleString('en')} of an earlier run (--restart begins anew).\n`);

  const printer = createProgressPrinter({ totalBytes, from: { lines: progress.lines, offset: progress.offset }, ...deps });
  let printed = 0;

  const report = ({ line, errors, text }: BadLine): void => {
    // At once: whoever is killed after the progress was saved has these lines too.
    appendFileSync(rejectedFile, `${JSON.stringify({ line, errors, text })}\n`);
    printed += 1;
    if (printed > PRINTED_MAX) return;
    printer.end();
    write(`line ${line}: ${errors.map(({ pointer, detail }) => `${pointer} ${detail}`.trim()).join('; ')}\n`);
    if (printed === PRINTED_MAX) write(`More bad lines are only written to ${rejectedFile}.\n`);
  };

  const settle = async (batch: readonly Line[]): Promise<void> => {
    const good: { line: Line; text: string }[] = [];
    const bad: BadLine[] = [];
    for (const line of batch) {
      const checked = check(line);
      if (checked.ok) good.push({ line, text: checked.text });
      else bad.push({ line: line.number, errors: [{ pointer: '', detail: checked.detail }], text: line.text });
    }
    if (good.length > 0) {
      const json = `{"lines":${jsonList(good.map(({ text }) => text))},${JSON.stringify({ organizationId, dryRun }).slice(1)}`;
      const answer = await post<Answer>(options, '/v1/import/batches', json);
      for (const { index, errors } of answer.rejected) bad.push({ line: good[index]!.line.number, errors, text: good[index]!.line.text });
    }
    for (const each of bad.sort((a, b) => a.line - b.line)) report(each);
    const last = batch.at(-1)!;
    progress = {
      fileBytes: totalBytes,
      offset: last.nextOffset,
      lines: last.number,
      accepted: progress.accepted + batch.length - bad.length,
      rejected: progress.rejected + bad.length,
    };
    if (!dryRun) state.save(progress);
    printer.update(progress);
  };

  try {
    const lines = readLines(file, { offset: progress.offset, number: progress.lines });
    for await (const batch of inBatches(lines, IMPORT_BATCH)) await settle(batch);
  } finally {
    printer.end();
  }
  return progress;
}

type CheckedLine = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly detail: string };

function check({ text }: Line): CheckedLine {
  if (text === undefined) return { ok: false, detail: `is longer than ${LINE_MAX_BYTES} bytes` };
  try {
    JSON.parse(text);
    return { ok: true, text };
  } catch (error) {
    return { ok: false, detail: `is not JSON: ${(error as Error).message}` };
  }
}

/** Where bad lines go. A dry run has a file of its own: that of the real run is still needed. */
export function rejectedFileOf({ file, dryRun }: Pick<ImportOptions, 'file' | 'dryRun'>): string {
  return `${file}${dryRun ? '.dry-run' : ''}.rejected.ndjson`;
}

export function sizeOf(file: string): number {
  if (!existsSync(file) || !statSync(file).isFile()) throw new ImportError('file', `There is no file ${file}.`);
  return statSync(file).size;
}
