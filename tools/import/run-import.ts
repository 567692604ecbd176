import { createWriteStream, existsSync, rmSync, statSync } from 'node:fs';
import { once } from 'node:events';
import { post } from './client.ts';
import { ImportError } from './error.ts';
import { LINE_MAX_BYTES, readLines, type Line } from './lines.ts';
import { createProgressPrinter } from './progress.ts';
import { NOTHING_DONE, openResumeState, type Progress } from './resume.ts';

/** Lines of one request: the endpoint's own bound. */
const BATCH_LINES = 500;
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
  const state = await openResumeState(deps.stateDirectory, file, options.url);
  if (options.restart) state.forget();
  let progress = dryRun ? NOTHING_DONE : state.load();
  if (progress.offset > totalBytes) progress = NOTHING_DONE;
  const rejectedFile = `${file}.rejected.ndjson`;
  if (progress.offset === 0) rmSync(rejectedFile, { force: true });
  else write(`Going on after line ${progress.lines.toLocaleString('en')} of an earlier run (--restart begins anew).\n`);

  const rejects = createWriteStream(rejectedFile, { flags: 'a' });
  await once(rejects, 'open');
  const printer = createProgressPrinter({ totalBytes, from: { lines: progress.lines, offset: progress.offset }, ...deps });
  let printed = 0;

  const report = ({ line, errors, text }: BadLine): void => {
    rejects.write(`${JSON.stringify({ line, errors, text })}\n`);
    printed += 1;
    if (printed > PRINTED_MAX) return;
    printer.end();
    write(`line ${line}: ${errors.map(({ pointer, detail }) => `${pointer} ${detail}`.trim()).join('; ')}\n`);
    if (printed === PRINTED_MAX) write(`More bad lines are only written to ${rejectedFile}.\n`);
  };

  const settle = async (batch: readonly Line[]): Promise<void> => {
    const good: { line: Line; value: unknown }[] = [];
    let rejected = 0;
    const bad: BadLine[] = [];
    for (const line of batch) {
      const value = parse(line);
      if (value.ok) good.push({ line, value: value.json });
      else bad.push({ line: line.number, errors: [{ pointer: '', detail: value.detail }], text: line.text });
    }
    if (good.length > 0) {
      const answer = await post<Answer>(options, '/v1/import/batches', { lines: good.map(({ value }) => value), organizationId, dryRun });
      for (const { index, errors } of answer.rejected) bad.push({ line: good[index]!.line.number, errors, text: good[index]!.line.text });
    }
    rejected = bad.length;
    for (const each of bad.sort((a, b) => a.line - b.line)) report(each);
    const last = batch.at(-1)!;
    progress = {
      offset: last.nextOffset,
      lines: last.number,
      accepted: progress.accepted + batch.length - rejected,
      rejected: progress.rejected + rejected,
    };
    if (!dryRun) state.save(progress);
    printer.update(progress);
  };

  try {
    let batch: Line[] = [];
    for await (const line of readLines(file, { offset: progress.offset, number: progress.lines })) {
      if (line.text?.trim() === '') continue;
      batch.push(line);
      if (batch.length < BATCH_LINES) continue;
      await settle(batch);
      batch = [];
    }
    if (batch.length > 0) await settle(batch);
  } finally {
    printer.end();
    rejects.end();
    await once(rejects, 'close');
  }
  if (progress.rejected === 0) rmSync(rejectedFile, { force: true });
  return progress;
}

type ParsedLine = { readonly ok: true; readonly json: unknown } | { readonly ok: false; readonly detail: string };

function parse({ text }: Line): ParsedLine {
  if (text === undefined) return { ok: false, detail: `is longer than ${LINE_MAX_BYTES} bytes` };
  try {
    return { ok: true, json: JSON.parse(text) };
  } catch (error) {
    return { ok: false, detail: `is not JSON: ${(error as Error).message}` };
  }
}

export function sizeOf(file: string): number {
  if (!existsSync(file) || !statSync(file).isFile()) throw new ImportError('file', `There is no file ${file}.`);
  return statSync(file).size;
}
