import { expect, it } from 'vitest';
import type { TestFile } from './counts.ts';
import { filesToRunAgain, outcome } from './unsteady.ts';

const file = (name: string, status = 'passed'): TestFile => ({
  name,
  status,
  message: '',
  assertionResults: [{ fullName: 'works', status, failureMessages: status === 'passed' ? null : ['too late'] }],
});
const run = (...files: TestFile[]) => ({ files, exitCode: files.some(({ status }) => status === 'failed') ? 1 : 0 });

it('runs a few failed files again, and many not', () => {
  expect(filesToRunAgain(run(file('a'), file('b', 'failed'), file('c', 'pending')))).toEqual(['b', 'c']);
  expect(filesToRunAgain(run(...['a', 'b', 'c', 'd'].map((name) => file(name, 'failed'))))).toEqual([]);
  expect(filesToRunAgain({ files: undefined, exitCode: 1 })).toEqual([]);
});

it('tells what did not fail again, and fails for what did', () => {
  const first = run(file('a'), file('b', 'failed'), file('c', 'failed'));
  expect(outcome(first, run(file('a'), file('b'), file('c')))).toEqual({
    counts: { passed: 3, failed: 0, failures: [] },
    unsteady: ['b > works: too late', 'c > works: too late'],
  });
  expect(outcome(first, run(file('a'), file('b'), file('c', 'failed')))).toEqual({
    counts: { passed: 2, failed: 1, failures: ['c > works: too late'] },
    unsteady: ['b > works: too late'],
  });
});
