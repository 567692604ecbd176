import { describe, expect, it } from 'vitest';
import { BUG_DELIVERIES_MAX, decideFailure } from './decide.ts';

describe('decideFailure', () => {
  it.each(['unavailable', 'deadlock'] as const)('%s is never the fault of a message', (failure) => {
    expect(decideFailure(failure, 1, 1_000)).toBe('retry');
    expect(decideFailure(failure, 200, 1)).toBe('retry');
  });
  it.each(['data', 'constraint', 'bug'] as const)('%s in a batch is looked for in its halves', (failure) => {
    expect(decideFailure(failure, 2, 1)).toBe('split');
  });
  it.each(['data', 'constraint'] as const)('%s of a single message is final at once', (failure) => {
    expect(decideFailure(failure, 1, 1)).toBe('dead');
  });
  it('an unknown failure of a single message is final at the last delivery, not before', () => {
    expect(decideFailure('bug', 1, BUG_DELIVERIES_MAX - 1)).toBe('retry');
    expect(decideFailure('bug', 1, BUG_DELIVERIES_MAX)).toBe('dead');
  });
});
