/** What a runner reported. A skipped test has not passed, so it counts as failed. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  /** A line each: what failed, where, and the first line of why; as many as the runner could name. */
  readonly failures: readonly string[];
}

/** The part of vitest's JSON report that counts. Source: vitest, reporter `json`, made after Jest's. */
export interface TestFile {
  readonly name: string;
  readonly status: string;
  readonly message: string;
  readonly assertionResults: readonly { readonly fullName: string; readonly status: string; readonly failureMessages?: readonly string[] | null }[];
}

/** What a run of vitest left: its report, undefined when there is none that can be read, and its exit code. */
export interface TestRun {
  readonly files: readonly TestFile[] | undefined;
  /** Errors outside of every test. */
  readonly outside?: readonly string[];
  readonly exitCode: number;
}

/** The messages that the reporter of `outside.ts` has written. */
export function outsideOfReport(text: string | undefined): readonly string[] {
  return text === undefined ? [] : (JSON.parse(text) as string[]);
}

/** The files of vitest's JSON report; undefined for anything else. */
export function filesOfReport(report: string | undefined): readonly TestFile[] | undefined {
  try {
    const { testResults } = JSON.parse(report ?? '') as { testResults?: unknown };
    return Array.isArray(testResults) ? (testResults as TestFile[]) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Counts of a vitest run. A file that failed without a failed test (it could not be loaded, a hook failed) is one failure;
 * so is a run that ended badly though every test passed (an error outside a test), and one that left no report.
 */
export function countTests({ files, outside = [], exitCode }: TestRun): Counts {
  if (files === undefined) return { passed: 0, failed: 1, failures: ['the runner left no report'] };
  const passed = files.flatMap(({ assertionResults }) => assertionResults).filter(hasPassed).length;
  const failures = [...files.flatMap(failuresOf), ...outside.map((message) => `outside of every test: ${firstLine(message)}`)];
  if (failures.length > 0) return { passed, failed: failures.length, failures };
  if (passed === 0) return { passed, failed: 1, failures: ['no test was found'] };
  if (exitCode !== 0) return { passed, failed: 1, failures: ['the runner ended badly outside of a test'] };
  return { passed, failed: 0, failures };
}

/** A line for each failure of a file. */
export function failuresOf({ name, status, message, assertionResults }: TestFile): string[] {
  const failed = assertionResults.filter((test) => !hasPassed(test));
  if (failed.length === 0) return status === 'failed' ? [`${name}: ${firstLine(message)}`] : [];
  return failed.map((test) => `${name} > ${test.fullName}: ${firstLine(test.failureMessages?.[0] ?? test.status)}`);
}

/**
 * The run with what came out of some of its files when they were run again. An error outside of every test belongs to no
 * file, so a second run of some of them takes nothing of it back.
 */
export const runAgain = (first: TestRun, again: TestRun): TestRun => ({
  files: first.files?.map((file) => again.files?.find(({ name }) => name === file.name) ?? file),
  outside: [...(first.outside ?? []), ...(again.outside ?? [])],
  exitCode: again.exitCode,
});

const hasPassed = ({ status }: { readonly status: string }): boolean => status === 'passed';
const firstLine = (text: string): string => text.split('\n', 1)[0]!;

/** A check that either holds or not. */
export const countCheck = (exitCode: number): Counts => ({
  passed: exitCode === 0 ? 1 : 0,
  failed: exitCode === 0 ? 0 : 1,
  failures: [],
});

export const sum = (counts: readonly Counts[]): Counts => ({
  passed: counts.reduce((total, { passed }) => total + passed, 0),
  failed: counts.reduce((total, { failed }) => total + failed, 0),
  failures: counts.flatMap(({ failures }) => failures),
});
