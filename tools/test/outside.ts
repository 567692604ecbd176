// A reporter for vitest: what went wrong outside of every test, which its JSON report leaves out.
import { writeFileSync } from 'node:fs';
import type { Reporter } from 'vitest/node';

/** Where the lines go, for a process that gets nothing else. */
export const OUTSIDE_FILE = 'SCHOOLBELL_OUTSIDE_FILE';

export default class Outside implements Reporter {
  onTestRunEnd: NonNullable<Reporter['onTestRunEnd']> = (_modules, errors) => {
    const path = process.env[OUTSIDE_FILE];
    if (path !== undefined) writeFileSync(path, JSON.stringify(errors.map(({ message }) => message)));
  };
}
