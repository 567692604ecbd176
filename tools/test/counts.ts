/** What a runner reported. A skipped test has not passed, so it counts as failed. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  /** A line each: what failed, where, and the first line of why; as many as the runner could name. */
  readonly failures: readonly string[];
}

/** The part of vitest's JSON report that counts. Source: vitest, reporter `json`, made after Jest's. */
interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly TestFile[];
}

interface TestFile {
  readonly name: string;
  readonly status: string;
  readonly message: string;
  readonly assertionResults: readonly { readonly fullName: string; readonly status: string; readonly failureMessages?: readonly string[] | null }[];
}

/**
 * Counts of a vitest run from its report and its exit code. A file that could not even be loaded is one failure; so is a
 * run that ended badly though every test passed (an error outside a test, a leak), and one that left no report.
 */
export function countVitest(report: string | undefined, exitCode: number): Counts {
  const parsed = parse(report);
  if (parsed === undefined) return { passed: 0, failed: 1, failures: ['the runner left no report'] };
  const unloaded = parsed.testResults.filter(({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0);
  const failed = parsed.numFailedTests + parsed.numPendingTests + parsed.numTodoTests + unloaded.length;
  const failures = parsed.testResults.flatMap(failuresOf);
  if (failed > 0) return { passed: parsed.numPassedTests, failed, failures };
  if (parsed.numPassedTests === 0) return { passed: 0, failed: 1, failures: ['no test was found'] };
  if (exitCode !== 0) return { passed: parsed.numPassedTests, failed: 1, failures: ['the runner ended badly outside of a test'] };
  return { passed: parsed.numPassedTests, failed: 0, failures };
}

function failuresOf({ name, status, message, assertionResults }: TestFile): string[] {
  if (assertionResults.length === 0) return status === 'failed' ? [`${name}: ${firstLine(message)}`] : [];
  return assertionResults
    .filter((test) => test.status !== 'passed')
    .map((test) => `${name} > ${test.fullName}: ${firstLine(test.failureMessages?.[0] ?? test.status)}`);
}

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

function parse(report: string | undefined): VitestReport | undefined {
  try {
    const value = JSON.parse(report ?? '') as Partial<VitestReport>;
    return typeof value.numPassedTests === 'number' ? (value as VitestReport) : undefined;
  } catch {
    return undefined;
  }
}
