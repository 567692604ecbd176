import { describe, expect, it } from 'vitest';
import { countCheck, countVitest, sum } from './counts.ts';

const report = (change: object): string =>
  JSON.stringify({ numPassedTests: 5, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [], ...change });

describe('countVitest', () => {
  const file = (change: object): object => ({ name: '/a.test.ts', status: 'passed', message: '', assertionResults: [], ...change });

  it('counts what passed', () => expect(countVitest(report({}), 0)).toEqual({ passed: 5, failed: 0, failures: [] }));
  it('names what failed and what was left out, with the first line of why', () => {
    const assertionResults = [
      { fullName: 'adds', status: 'failed', failureMessages: ['expected 1 to be 2\n    at a.test.ts:3'] },
      { fullName: 'waits', status: 'pending', failureMessages: [] },
      { fullName: 'works', status: 'passed', failureMessages: null },
    ];
    const { failures } = countVitest(report({ numFailedTests: 1, numPendingTests: 1, testResults: [file({ assertionResults })] }), 1);
    expect(failures).toEqual(['/a.test.ts > adds: expected 1 to be 2', '/a.test.ts > waits: pending']);
  });
  it('counts what was left out as failed', () =>
    expect(countVitest(report({ numFailedTests: 1, numPendingTests: 2, numTodoTests: 3 }), 1)).toMatchObject({ passed: 5, failed: 6 }));
  it('counts a file that could not be loaded', () => {
    const testResults = [file({ status: 'failed', message: 'no such module\nat all' }), file({})];
    expect(countVitest(report({ testResults }), 1)).toEqual({ passed: 5, failed: 1, failures: ['/a.test.ts: no such module'] });
  });
  it('counts a run that ended badly although every test passed', () =>
    expect(countVitest(report({}), 1)).toMatchObject({ passed: 5, failed: 1, failures: [expect.stringContaining('outside of a test')] }));
  it('counts a run that found no test', () => expect(countVitest(report({ numPassedTests: 0 }), 0)).toMatchObject({ passed: 0, failed: 1 }));
  it.each([undefined, '', '{"half', '{}'])('counts a runner that left no report: %j', (text) =>
    expect(countVitest(text, 0)).toMatchObject({ passed: 0, failed: 1 }));
});

it('adds up', () => expect(sum([countCheck(0), countCheck(2), { passed: 3, failed: 1, failures: ['a'] }])).toEqual({ passed: 4, failed: 2, failures: ['a'] }));
