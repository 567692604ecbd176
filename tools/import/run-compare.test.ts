import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeComparison, isAllEqual, runCompare } from './run-compare.ts';

/** A delivery that answers the same to every batch. */
let answer: object;
let delivery: Server;
let folder: string;
let file: string;
beforeEach(async () => {
  delivery = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer)));
  }).listen(0, '127.0.0.1');
  await once(delivery, 'listening');
  folder = await mkdtemp(join(tmpdir(), 'compare-test-'));
  file = join(folder, 'totals.ndjson');
  await writeFile(file, '{"learnerId":"u-1","expected":{}}\n{"learnerId":"u-2","expected":{}}\n');
});
afterEach(async () => {
  delivery.close();
  delivery.closeAllConnections();
  await once(delivery, 'close');
  await rm(folder, { recursive: true });
});

const compare = async () => {
  const written: string[] = [];
  const url = `http://127.0.0.1:${(delivery.address() as AddressInfo).port}`;
  const sum = await runCompare({ file, url, token: 'a-token', destinationId: 'lms' }, (text) => void written.push(text));
  return { sum, written: written.join('') };
};

describe('a comparison', () => {
  it('counts learners that were not compared, and is not all equal with them', async () => {
    const items = [{ learnerId: 'u-2', verdict: 'not-compared', differences: [] }];
    answer = { equal: 1, different: 0, missing: 0, notCompared: 1, items };
    const { sum, written } = await compare();
    expect(describeComparison(sum)).toBe('1 learners are equal, 0 differ, 0 are missing, 1 were not compared.');
    expect(isAllEqual(sum)).toBe(false);
    expect(written).toBe('u-2: not-compared\n');
    expect(await readFile(`${file}.differences.ndjson`, 'utf8')).toBe(`${JSON.stringify(items[0])}\n`);
  });

  it('that finds all equal leaves no file behind', async () => {
    answer = { equal: 2, different: 0, missing: 0, notCompared: 0, items: [] };
    expect(isAllEqual((await compare()).sum)).toBe(true);
    expect(existsSync(`${file}.differences.ndjson`)).toBe(false);
  });
});
