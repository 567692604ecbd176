import { describe, expect, it } from 'vitest';
import { acknowledge, escalate, escalationDue, mute } from './attention.ts';
import { audienceOf, byChat } from './audience.ts';
import { decide } from './decide.ts';
import type { Notice, Problem, Sighting } from './problem.ts';

const MINUTE_MS = 60_000;
const NOW_MS = 1_800_000_000_000;
const LIMITS = { afterMs: 15 * MINUTE_MS, chats: 2 };

const sighting = (state: 'firing' | 'resolved', atMs: number): Sighting => ({
  alert: { fingerprint: 'nats-down', kind: 'nats-down', state, severity: 'critical', service: 'notifier', title: 'No NATS', detail: 'gone', labels: {} },
  atMs,
  level: true,
});
const begun = (): Problem => decide(undefined, { type: 'alert', sighting: sighting('firing', NOW_MS) }, NOW_MS).problem!;
const due = (problem: Problem, minutes: number): boolean => escalationDue(problem, { ...LIMITS, nowMs: NOW_MS + minutes * MINUTE_MS });

describe('escalation', () => {
  it('is due at the end of the period and not a millisecond earlier', () => {
    expect(escalationDue(begun(), { ...LIMITS, nowMs: NOW_MS + LIMITS.afterMs - 1 })).toBe(false);
    expect(escalationDue(begun(), { ...LIMITS, nowMs: NOW_MS + LIMITS.afterMs })).toBe(true);
  });
  it('goes from chat to chat, a period each, until there are no more', () => {
    const once = escalate(begun(), NOW_MS + 15 * MINUTE_MS).problem;
    expect(due(once, 29)).toBe(false);
    expect(due(once, 30)).toBe(true);
    expect(due(escalate(once, NOW_MS).problem, 600)).toBe(false);
  });
  it('is not due for what is acknowledged, muted, over, or a warning', () => {
    expect(due(acknowledge(begun(), 'anna', NOW_MS), 60)).toBe(false);
    expect(due(mute(begun(), NOW_MS + 61 * MINUTE_MS), 60)).toBe(false);
    expect(due(mute(begun(), NOW_MS + 60 * MINUTE_MS), 60)).toBe(true);
    expect(due({ ...begun(), severity: 'warning' }, 60)).toBe(false);
    expect(due(decide(begun(), { type: 'alert', sighting: sighting('resolved', NOW_MS) }, NOW_MS).problem!, 60)).toBe(false);
  });
  it('tells the whole episode and leaves the counts of the first chats alone', () => {
    const again = decide(begun(), { type: 'alert', sighting: sighting('firing', NOW_MS) }, NOW_MS).problem!;
    const { problem, notice } = escalate(again, NOW_MS + 15 * MINUTE_MS);
    expect(notice).toMatchObject({ phase: 'escalated', count: 2, total: 2, escalations: 1 });
    expect(problem).toMatchObject({ untold: 1, escalations: 1 });
  });
});

describe('acknowledge', () => {
  it('belongs to the first and ends with the episode', () => {
    const taken = acknowledge(begun(), 'anna', NOW_MS);
    expect(acknowledge(taken, 'boris', NOW_MS + 1)).toBe(taken);
    const over = decide(taken, { type: 'alert', sighting: sighting('resolved', NOW_MS + 1) }, NOW_MS + 1).problem!;
    expect(acknowledge(over, 'boris', NOW_MS + 2)).toBe(over);
    expect(decide(over, { type: 'alert', sighting: sighting('firing', NOW_MS + 3) }, NOW_MS + 3).problem).toMatchObject({ acknowledgedBy: null, escalations: 0 });
  });
});

describe('mute', () => {
  const muted = (): Problem => mute(begun(), NOW_MS + 60 * MINUTE_MS);
  const firing = (problem: Problem, minutes: number) => decide(problem, { type: 'alert', sighting: sighting('firing', NOW_MS + minutes * MINUTE_MS) }, NOW_MS + minutes * MINUTE_MS);
  it('keeps digests back and counts them in the next', () => {
    const during = firing(muted(), 10);
    expect(during.notice).toBeUndefined();
    expect(decide(during.problem, { type: 'tick' }, NOW_MS + 60 * MINUTE_MS - 1).notice).toBeUndefined();
    expect(decide(during.problem, { type: 'tick' }, NOW_MS + 60 * MINUTE_MS).notice).toMatchObject({ phase: 'digest', count: 1 });
  });
  it('does not keep back the end, and outlasts it', () => {
    const over = decide(muted(), { type: 'alert', sighting: sighting('resolved', NOW_MS + MINUTE_MS) }, NOW_MS + MINUTE_MS);
    expect(over.notice).toMatchObject({ phase: 'resolved' });
    expect(firing(over.problem!, 20).notice).toBeUndefined();
  });
});

describe('the audience', () => {
  const audience = { chats: ['1', '2'], escalation: ['8', '9'] };
  const notice = (phase: Notice['phase'], escalations: number): Notice => ({ ...escalate(begun(), NOW_MS).notice, phase, escalations });
  it.each([
    ['first', 0, ['1', '2']],
    ['digest', 2, ['1', '2']],
    ['escalated', 1, ['8']],
    ['escalated', 2, ['9']],
    ['resolved', 0, ['1', '2']],
    ['resolved', 1, ['1', '2', '8']],
    ['resolved', 2, ['1', '2', '8', '9']],
  ] as const)('of %s after %d escalations is %s', (phase, escalations, chats) => {
    expect(audienceOf({ phase, escalations }, audience)).toEqual(chats);
  });
  it('gets its notices in their order', () => {
    const sorted = byChat([notice('first', 0), notice('escalated', 1), notice('resolved', 1)], audience);
    expect([...sorted].map(([chat, own]) => [chat, own.map(({ phase }) => phase)])).toEqual([
      ['1', ['first', 'resolved']],
      ['2', ['first', 'resolved']],
      ['8', ['escalated', 'resolved']],
    ]);
  });
});
