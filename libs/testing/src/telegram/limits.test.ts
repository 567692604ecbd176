import { describe, expect, it } from 'vitest';
import { createTelegramLimits } from './limits.ts';

describe('createTelegramLimits', () => {
  it('takes one message per second and chat', () => {
    const limits = createTelegramLimits();
    expect([0, 500, 1_000].map((ms) => limits.judge('1', ms))).toEqual([undefined, 1, undefined]);
    expect(limits.judge('2', 500)).toBeUndefined();
  });
  it('takes 20 per minute in a group and says how long to wait', () => {
    const limits = createTelegramLimits();
    const answers = Array.from({ length: 21 }, (_, second) => limits.judge('-100', second * 1_000));
    expect(answers.slice(0, 20).every((answer) => answer === undefined)).toBe(true);
    expect(answers[20]).toBe(40);
    expect(limits.judge('-100', 60_000)).toBeUndefined();
  });
  it('takes 30 per second over all chats', () => {
    const limits = createTelegramLimits();
    const answers = Array.from({ length: 31 }, (_, chat) => limits.judge(String(chat + 1), chat));
    expect(answers[29]).toBeUndefined();
    expect(answers[30]).toBe(1);
  });
});
