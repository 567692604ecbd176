import { describe, expect, it } from 'vitest';
import { BACKLOG_PATIENCE_MS, isStuck, nextHead } from './watch-backlog.ts';

describe('the head of a backlog', () => {
  const head = { messageId: 'm-1', sinceMs: 1_000 };
  it('is stuck when it has not changed for the whole patience, and not a millisecond earlier', () => {
    expect(isStuck(nextHead(head, 'm-1', 1_000 + BACKLOG_PATIENCE_MS - 1), 1_000 + BACKLOG_PATIENCE_MS - 1)).toBe(false);
    expect(isStuck(nextHead(head, 'm-1', 1_000 + BACKLOG_PATIENCE_MS), 1_000 + BACKLOG_PATIENCE_MS)).toBe(true);
  });
  it('moves while rows are published, however many wait', () => {
    expect(nextHead(head, 'm-2', 61_000)).toEqual({ messageId: 'm-2', sinceMs: 61_000 });
  });
  it('is not stuck when nothing waits', () => {
    expect(isStuck({ messageId: undefined, sinceMs: 0 }, 10 * BACKLOG_PATIENCE_MS)).toBe(false);
  });
});
