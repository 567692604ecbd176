import { describe, expect, it } from 'vitest';
import { countCheck, countTests, filesOfReport, runAgain, sum, type TestFile } from './counts.ts';

const test = (fullName: string, status = 'passed', why?: string) => ({ fullName, status, failureMessages: why === undefined ? null : [why] });
const file = (change: Partial<TestFile> = {}): TestFile => ({
  name: '/a.test.ts',
  status: 'passed',
  message: '',
  assertionResults: [test('works'), test('lasts')],
  ...change,
});
const failing = file({ status: 'failed', assertionResults: [test('adds', 'failed', 'expected 1 to be 2\n    at a.test.ts:3'), test('works')] });

describe('countTests', () => {
  it('counts what passed', () => expect(countTests({ files: [file(), file()], exitCode: 0 })).toEqual({ passed: 4, failed: 0, failures: [] }));

  it('names what failed and what was left out, with the first line of why', () => {
    const leftOut = file({ name: '/b.test.ts', assertionResults: [test('waits', 'pending'), test('comes', 'todo')] });
    expect(countTests({ files: [failing, leftOut], exitCode: 1 })).toEqual({
      passed: 1,
      failed: 3,
      failures: ['/a.test.ts > adds: expected 1 to be 2', '/b.test.ts > waits: pending', '/b.test.ts > comes: todo'],
    });
  });

  it('counts a file that could not be loaded, and one whose hook failed', () => {
    const unloaded = file({ status: 'failed', message: 'no such module\nat all', assertionResults: [] });
    const leaking = file({ name: '/b.test.ts', status: 'failed', message: 'left a timer' });
    expect(countTests({ files: [unloaded, leaking], exitCode: 1 })).toEqual({
      passed: 2,
      failed: 2,
      failures: ['/a.test.ts: no such module', '/b.test.ts: left a timer'],
    });
  });

  it('counts a run that ended badly although every test passed', () =>
    expect(countTests({ files: [file()], exitCode: 1 })).toMatchObject({ passed: 2, failed: 1, failures: [expect.stringContaining('outside of a test')] }));
  it('names what went wrong outside of the tests', () =>
    expect(countTests({ files: [file()], outside: ['gone'], exitCode: 1 })).toEqual({ passed: 2, failed: 1, failures: ['outside of every test: gone'] }));
  it('counts a run that found no test', () => expect(countTests({ files: [], exitCode: 0 })).toMatchObject({ passed: 0, failed: 1 }));
  it.each([undefined, '', '{"half', '{}'])('counts a runner that left no report: %j', (report) =>
    expect(countTests({ files: filesOfReport(report), exitCode: 0 })).toMatchObject({ passed: 0, failed: 1 }));
});

describe('runAgain', () => {
  const other = file({ name: '/b.test.ts' });
  const first = { files: [failing, other], exitCode: 1 };

  it('takes what came out the second time', () => {
    const again = { files: [file({ assertionResults: [test('adds'), test('works')] })], exitCode: 0 };
    expect(countTests(runAgain(first, again))).toEqual({ passed: 4, failed: 0, failures: [] });
  });
  it('takes back nothing that went wrong outside of the tests', () => {
    const again = { files: [file()], exitCode: 0 };
    expect(countTests(runAgain({ ...first, outside: ['a promise was forgotten\n    at b.ts:1'] }, again))).toEqual({
      passed: 4, failed: 1, failures: ['outside of every test: a promise was forgotten'],
    });
  });
  it('stays failed when it fails again, or ends badly, or leaves no report', () => {
    expect(countTests(runAgain(first, { files: [failing], exitCode: 1 }))).toMatchObject({ passed: 3, failed: 1 });
    expect(countTests(runAgain(first, { files: [file()], exitCode: 1 }))).toMatchObject({ failed: 1 });
    expect(countTests(runAgain(first, { files: undefined, exitCode: 1 }))).toMatchObject({ passed: 3, failed: 1 });
  });
});

it('adds up', () => expect(sum([countCheck(0), countCheck(2), { passed: 3, failed: 1, failures: ['a'] }])).toEqual({ passed: 4, failed: 2, failures: ['a'] }));
