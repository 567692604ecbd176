import { TransformError } from './error.ts';

/** They give another result each time: the same revision would get two bodies under one webhook-id. */
const NONDETERMINISTIC = new Set(['now', 'millis', 'random', 'shuffle']);
/** They need Node's Buffer, which the realm does not have: each evaluation would fail. */
const UNSUPPORTED = new Set(['base64encode', 'base64decode']);
/** Functions that work long in one step, where the engine's own limits cannot look. */
const LONG_STEPS = new Set(['distinct', 'eval', 'match', 'pad', 'replace', 'split', 'string']);

interface Node {
  readonly type?: unknown;
  readonly value?: unknown;
  readonly position?: number;
}

/**
 * Read a syntax tree: refuse what is not deterministic or not there, and tell whether evaluating needs a watchdog thread. The
 * engine checks its limits between steps, which is enough for an expression that only picks and renames; a watchdog
 * costs some 0.3 ms per evaluation and stops everything, a catastrophic regular expression included.
 */
export function inspectExpression(tree: unknown): { needsWatchdog: boolean } {
  let needsWatchdog = false;
  const seen = new Set<object>();
  const pending: unknown[] = [tree];
  while (pending.length > 0) {
    const node = pending.pop();
    if (typeof node !== 'object' || node === null || seen.has(node)) continue;
    seen.add(node);
    const { type, value, position } = node as Node;
    if (type === 'variable' && NONDETERMINISTIC.has(String(value))) {
      throw new TransformError('transform-nondeterministic', `$${String(value)}() is not allowed: the same input must give the same output`, position);
    }
    if (type === 'variable' && UNSUPPORTED.has(String(value))) {
      throw new TransformError('transform-unsupported', `$${String(value)}() is not there: send the text as it is`, position);
    }
    needsWatchdog ||= type === 'lambda' || type === 'regex' || type === 'partial' || type === 'transform';
    needsWatchdog ||= (type === 'binary' || type === 'unary') && value === '..';
    needsWatchdog ||= type === 'variable' && LONG_STEPS.has(String(value));
    pending.push(...Object.values(node));
  }
  return { needsWatchdog };
}
