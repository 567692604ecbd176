import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { statesDocument } from './diagram.ts';
import { advance, canAdvance, LESSON_TABLE, REQUEST_TABLE } from './machine.ts';
import { REFUSALS } from './refusals.ts';

describe('the tables', () => {
  it('take the first row whose guard holds, and the row without a guard else', () => {
    expect(advance(LESSON_TABLE, 'offered', 'return', { canReturn: true })).toBe('scheduled');
    expect(advance(LESSON_TABLE, 'offered', 'return')).toBe('awaiting');
    expect(advance(REQUEST_TABLE, 'offered', 'agree', { voicesAreMissing: true })).toBe('offered');
    expect(advance(REQUEST_TABLE, 'offered', 'agree', { voicesAreMissing: false })).toBe('closed');
  });
  it('know no other change', () => {
    expect(() => advance(LESSON_TABLE, 'cancelled', 'restore')).toThrow('no transition from cancelled on restore');
    expect(canAdvance(LESSON_TABLE, 'cancelled', 'cancel')).toBe(false);
  });
  it.each([['lesson', LESSON_TABLE], ['request', REQUEST_TABLE]])('%s: no row is hidden by one before it', (_name, table) => {
    const rows = table as readonly { from: string; on: string; when?: string; to: string }[];
    for (const [index, row] of rows.entries()) {
      const before = rows.slice(0, index).filter(({ from, on }) => from === row.from && on === row.on);
      expect(before.filter(({ when }) => when === undefined || when === row.when)).toEqual([]);
    }
  });
  it('are what docs/scheduling-states.md shows (run scripts/states.ts when this fails)', () => {
    const file = new URL('../../../../docs/scheduling-states.md', import.meta.url);
    expect(readFileSync(file, 'utf8')).toBe(statesDocument());
  });
  it('refusals are whole sentences', () => {
    for (const sentence of Object.values(REFUSALS)) expect(sentence).toMatch(/^[A-Z].*\.$/);
  });
});
