import type { z } from 'zod';
import type { ProblemError } from './problem.ts';

/** A wrong list of 10,000 entries is told by its first ones. */
const MAX_ERRORS = 50;
const MAX_DETAIL_LENGTH = 300;

type Issue = z.core.$ZodIssue;

/** A JSON pointer (RFC 6901) to a path. */
export function jsonPointer(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** What a schema refused, as a bounded list of places. `prefix` comes before every path. */
export function describeIssues(error: z.core.$ZodError, prefix: readonly PropertyKey[] = []): ProblemError[] {
  return error.issues.flatMap((issue) => describe(issue, prefix)).slice(0, MAX_ERRORS);
}

function describe(issue: Issue, prefix: readonly PropertyKey[]): ProblemError[] {
  const path = [...prefix, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => entry([...path, key], 'is not known here'));
  }
  if (issue.code === 'invalid_union') {
    const branch = closest(issue.errors);
    if (branch !== undefined) return branch.flatMap((inner) => describe(inner, path));
  }
  return [entry(path, sentence(issue.message))];
}

/** Of several shapes that all refuse, the one with the least to complain about is the one that was meant. */
function closest(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  return branches.reduce<readonly Issue[] | undefined>(
    (best, branch) => (best === undefined || branch.length < best.length ? branch : best),
    undefined,
  );
}

function entry(path: readonly PropertyKey[], detail: string): ProblemError {
  return { pointer: jsonPointer(path).slice(0, MAX_DETAIL_LENGTH), detail: detail.slice(0, MAX_DETAIL_LENGTH) };
}

/** Zod says "Invalid input: expected string, received undefined" of what is missing. */
function sentence(message: string): string {
  const missing = /^Invalid input: expected (.+), received undefined$/.exec(message);
  return missing ? `is required (${missing[1]})` : message;
}
