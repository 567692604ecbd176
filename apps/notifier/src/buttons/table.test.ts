import { ALERT_KINDS } from '@schoolbell/contracts';
import { describe, expect, it } from 'vitest';
import { actOf, BUTTONS, verbsOf } from './table.ts';
import { messageKeyboard, problemKeyboard } from './keyboard.ts';
import type { Pressable } from './store.ts';

const problem = (more: Partial<Pressable> = {}): Pressable => ({
  id: 7n, fingerprint: 'summary-parked:acme-lms', kind: 'summary-parked', service: 'delivery', severity: 'warning', title: 't', detail: 'd',
  labels: { destination: 'acme-lms' }, state: 'firing', total: 1, acknowledgedBy: null, firstAtMs: 1_000, mutedUntilMs: null, ...more,
});
const texts = (one: Pressable): string[] => problemKeyboard(one, 5_000).flat().map(({ text }) => text);

describe('the buttons of an alert', () => {
  it('can be pressed for every kind, and name what they are done to', () => {
    expect(Object.keys(BUTTONS).sort()).toEqual([...ALERT_KINDS].sort());
    expect(actOf(problem(), 'replay')).toEqual({ kind: 'replay', destination: 'acme-lms', state: 'parked' });
    expect(actOf(problem({ kind: 'dead-letter', service: 'results', labels: { durable: 'results-fold' } }), 'replay')).toEqual({ kind: 'replay-dead-letters', service: 'results', durable: 'results-fold' });
    expect(actOf(problem({ kind: 'webhook-invalid', labels: { source: 'platform' } }), 'replay')).toEqual({ kind: 'replay-quarantine', source: 'platform' });
  });
  it('are not there when the alert does not say enough', () => {
    expect(verbsOf(problem({ labels: {} }))).toEqual(['acknowledge', 'mute', 'show']);
    expect(verbsOf(problem({ kind: 'webhook-invalid', labels: {} }))).not.toContain('replay');
  });
  it('go when they are used, and all of them at the end', () => {
    expect(texts(problem())).toHaveLength(5);
    expect(texts(problem({ acknowledgedBy: 'Anna (telegram 7)', mutedUntilMs: 9_000 }))).toEqual(['🔎 Show · ✋ Anna (telegram 7)', '🔁 Replay', '⏸ Pause destination']);
    expect(texts(problem({ mutedUntilMs: 4_000 }))).toContain('🔇 Mute 1 h');
    expect(texts(problem({ state: 'resolved' }))).toEqual([]);
  });
  it('of a gathered message are for all that is open, or for the only one', () => {
    const label = (...problems: Pressable[]): string[] => messageKeyboard(3n, problems, 5_000).flat().map(({ text }) => text);
    expect(label(problem(), problem({ id: 8n }))).toEqual(['✋ Acknowledge: all 2', '🔇 Mute 1 h: all 2']);
    expect(label(problem(), problem({ id: 8n, state: 'resolved' }))).toHaveLength(5);
    expect(label(problem({ state: 'resolved' }))).toEqual([]);
  });
});
