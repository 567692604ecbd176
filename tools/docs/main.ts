import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { generateDocuments } from './documents.ts';

const HELP = `npm run docs [-- --check]

Generates docs/openapi/*.json, docs/asyncapi.json and docs/configuration.md from the code.
With --check nothing is written; the exit code is 1 when one of them is not current.`;

const root = join(import.meta.dirname, '../..');
const [option, ...rest] = process.argv.slice(2);

if (rest.length > 0 || (option !== undefined && option !== '--check')) {
  console.log(HELP);
  process.exitCode = option === '--help' ? 0 : 2;
} else {
  const stale: string[] = [];
  for (const { path, content } of await generateDocuments()) {
    const file = join(root, path);
    if ((await readFile(file, 'utf8').catch(() => undefined)) === content) continue;
    stale.push(path);
    if (option === '--check') continue;
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
  report(stale, option === '--check');
}

function report(stale: readonly string[], check: boolean): void {
  if (stale.length === 0) console.log('The generated documents are current.');
  else if (!check) console.log(`Written: ${stale.join(', ')}`);
  else {
    console.error(`Not current: ${stale.join(', ')}. Run "npm run docs" and commit what it writes.`);
    process.exitCode = 1;
  }
}
