// A test that depends on how busy the machine is hides what the others found. It is told apart, and told aloud.
import { countTests, failuresOf, runAgain, type Counts, type TestFile, type TestRun } from './counts.ts';
import { runTests } from './runners.ts';

/** More files than this do not fail by chance. */
const FILES_AT_MOST = 3;

export interface Outcome {
  readonly counts: Counts;
  /** A line for each failure that did not come again. */
  readonly unsteady: readonly string[];
}

/** Runs tests; the few files that failed are run once more, one after the other, and count as they end then. */
export async function runTwice(title: string, paths: readonly string[], reports: string): Promise<Outcome> {
  const first = await runTests(title, paths, reports);
  const failed = filesToRunAgain(first);
  if (failed.length === 0) return { counts: countTests(first), unsteady: [] };
  const again = await runTests(`${title} that failed, once more and alone`, failed, reports, ['--maxWorkers=1']);
  return outcome(first, runAgain(first, again));
}

/** Names of the files that failed, none when they are too many. */
export function filesToRunAgain({ files = [] }: TestRun): readonly string[] {
  const failed = failedFiles(files);
  return failed.length <= FILES_AT_MOST ? failed : [];
}

/** What counts after the second run, and what it took back. */
export function outcome(first: TestRun, second: TestRun): Outcome {
  const stillFailed = new Set(failedFiles(second.files ?? []));
  return { counts: countTests(second), unsteady: (first.files ?? []).filter(({ name }) => !stillFailed.has(name)).flatMap(failuresOf) };
}

const failedFiles = (files: readonly TestFile[]): string[] => files.filter((file) => failuresOf(file).length > 0).map(({ name }) => name);
