/** A place where two JSON values differ. */
export interface Difference {
  /** JSON pointer. */
  readonly pointer: string;
  readonly expected: unknown;
  /** Absent: there is nothing at that place. */
  readonly actual?: unknown;
}

/** Differences that are listed of one message. */
const DIFFERENCES_MAX = 20;

/**
 * Where `actual` is not what is expected. What the expectation does not mention is not compared, so it may name the
 * totals only. Lists are compared entry by entry.
 */
export function compareJson(expected: unknown, actual: unknown): Difference[] {
  const found: Difference[] = [];
  walk(expected, actual, '', found);
  return found;
}

function walk(expected: unknown, actual: unknown, pointer: string, found: Difference[]): void {
  if (found.length >= DIFFERENCES_MAX || Object.is(expected, actual)) return;
  if (typeof expected !== 'object' || expected === null || typeof actual !== 'object' || actual === null || Array.isArray(expected) !== Array.isArray(actual)) {
    found.push(actual === undefined ? { pointer, expected } : { pointer, expected, actual });
    return;
  }
  if (Array.isArray(expected) && expected.length !== (actual as unknown[]).length) {
    found.push({ pointer: `${pointer}/length`, expected: expected.length, actual: (actual as unknown[]).length });
  }
  for (const [name, value] of Object.entries(expected)) {
    const there = Object.hasOwn(actual, name) ? (actual as Record<string, unknown>)[name] : undefined;
    walk(value, there, `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`, found);
  }
}
