import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Notice } from '../problems/problem.ts';
import { compose, duration, MESSAGE_MAX_LENGTH } from './compose.ts';
import { mergePhases } from './gather.ts';

const AT_MS = Date.UTC(2026, 10, 21, 5, 30);

const notice = (more: Partial<Notice> = {}): Notice => ({
  fingerprint: 'circuit-open:acme-lms',
  phase: 'first',
  count: 1,
  total: 1,
  kind: 'circuit-open',
  service: 'delivery',
  severity: 'critical',
  title: 'Circuit of acme-lms is open',
  detail: 'connect ECONNREFUSED',
  firstAtMs: AT_MS,
  atMs: AT_MS,
  escalations: 0,
  ...more,
});

const firstLine = (text: string): string => text.split('\n', 1)[0]!;
const alertsOf = (text: string): number => Number(/(\d+)(?: more)? alerts?$/.exec(firstLine(text))![1]);

describe('compose', () => {
  it('tells one problem with everything an admin needs', () => {
    expect(compose([notice()]).text).toBe(
      '🔴 critical · circuit-open · delivery · 1 alert\nCircuit of acme-lms is open\nconnect ECONNREFUSED\nsince 2026-11-21 05:30:00 UTC',
    );
    expect(compose([notice({ phase: 'digest', count: 37, total: 38, atMs: AT_MS + 180_000 })]).text).toBe(
      '🔴 still critical · circuit-open · delivery · 37 more alerts\nCircuit of acme-lms is open\nconnect ECONNREFUSED\n' +
        'for 3 min since 2026-11-21 05:30:00 UTC, 38 alerts in all',
    );
    expect(firstLine(compose([notice({ phase: 'resolved', count: 0, total: 38 })]).text)).toBe('✅ resolved · circuit-open · delivery · 0 more alerts');
    expect(firstLine(compose([notice({ phase: 'passed', severity: 'warning', count: 2, total: 2 })]).text)).toBe('✅ came and went · circuit-open · delivery · 2 alerts');
  });

  it('puts what is firing before what is over, and critical first', () => {
    const { text, alerts } = compose([
      notice({ fingerprint: 'a', phase: 'resolved', title: 'over' }),
      notice({ fingerprint: 'b', severity: 'warning', title: 'mild', count: 4 }),
      notice({ fingerprint: 'c', title: 'bad' }),
    ]);
    expect(firstLine(text)).toBe('🔴 3 problems · 6 alerts');
    expect(alerts).toBe(6);
    expect(text.indexOf('bad')).toBeLessThan(text.indexOf('mild'));
    expect(text.indexOf('mild')).toBeLessThan(text.indexOf('over'));
  });

  it('makes one story of several notices of a problem', () => {
    const { text } = compose([notice(), notice({ phase: 'digest', count: 9, total: 10 }), notice({ phase: 'resolved', count: 2, total: 12, atMs: AT_MS + 60_000 })]);
    expect(text).toBe('✅ came and went · circuit-open · delivery · 12 alerts\nCircuit of acme-lms is open\nconnect ECONNREFUSED\nlasted 1 min since 2026-11-21 05:30:00 UTC, 12 alerts in all');
  });

  it.each([
    ['first', 'digest', 'first'],
    ['first', 'resolved', 'passed'],
    ['digest', 'digest', 'digest'],
    ['digest', 'resolved', 'resolved'],
    ['resolved', 'first', 'digest'],
    ['passed', 'first', 'first'],
    ['passed', 'passed', 'passed'],
    ['resolved', 'passed', 'resolved'],
    ['escalated', 'resolved', 'resolved'],
    ['digest', 'escalated', 'escalated'],
  ] as const)('%s, then %s, is %s', (earlier, later, merged) => {
    expect(mergePhases(earlier, later)).toBe(merged);
  });

  it('says how much did not fit', () => {
    const many = Array.from({ length: 5_000 }, (_, index) => notice({ fingerprint: `f-${index}`, title: `Problem ${index}`, count: 2 }));
    const { text, alerts } = compose(many);
    expect(text.length).toBeLessThanOrEqual(MESSAGE_MAX_LENGTH);
    expect(alerts).toBe(10_000);
    expect(firstLine(text)).toBe('🔴 5000 problems · 10000 alerts');
    const shown = text.match(/Problem \d+/g)!.length;
    expect(text).toContain(`and ${5_000 - shown} more problems with ${2 * (5_000 - shown)} alerts, listed at /v1/alerts`);
  });

  it('keeps foreign text out of the markup', () => {
    const { text, entities } = compose([notice({ title: '<b>@admin</b> *x* [a](http://evil)\u202e', detail: '/stop @everyone https://evil.example\n```\n</pre>' })]);
    const styled = entities.map(({ type, offset, length }) => `${type}:${text.slice(offset, offset + length)}`);
    expect(styled).toEqual([
      'bold:🔴 critical · circuit-open · delivery · 1 alert',
      'code:<b>@admin</b> *x* [a](http://evil)',
      'pre:/stop @everyone https://evil.example\n```\n</pre>',
    ]);
  });

  it('stays within the limits of Telegram and counts right, whatever the texts', () => {
    // Any code points, halves of pairs among them; repeated, because making long texts takes longer than composing them.
    const foreign = fc
      .tuple(fc.array(fc.integer({ min: 0, max: 0x10ffff }), { maxLength: 40 }), fc.integer({ min: 1, max: 40 }))
      .map(([points, times]) => String.fromCodePoint(...points).repeat(times));
    const notices = fc.array(
      fc.record({ fingerprint: fc.string({ minLength: 1, maxLength: 3 }), phase: fc.constantFrom('first', 'digest', 'resolved', 'passed'), count: fc.nat(9_999), title: foreign, detail: foreign }),
      { minLength: 1, maxLength: 20 },
    );
    fc.assert(
      fc.property(notices, (given) => {
        const { text, entities, alerts } = compose(given.map((one) => notice(one as Partial<Notice>)));
        expect(text.length).toBeLessThanOrEqual(MESSAGE_MAX_LENGTH);
        expect(text.isWellFormed()).toBe(true);
        expect(entities.length).toBeLessThanOrEqual(100);
        for (const { offset, length } of entities) expect(offset + length).toBeLessThanOrEqual(text.length);
        expect(alerts).toBe(given.reduce((sum, { count }) => sum + count, 0));
        expect(alertsOf(text)).toBe(alerts);
      }),
      { numRuns: 50 },
    );
  });
});

describe('duration', () => {
  it.each([
    [0, '0 s'],
    [59_400, '59 s'],
    [60_000, '1 min'],
    [3_600_000, '1 h'],
    [3_900_000, '1 h 5 min'],
    [86_400_000, '1 d'],
    [97_200_000, '1 d 3 h'],
  ])('%d ms is %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });
});
