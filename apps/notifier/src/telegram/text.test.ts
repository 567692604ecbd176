import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { block, cut, join, oneLine } from './text.ts';

describe('foreign text', () => {
  it('loses what cannot be seen or turns the line around', () => {
    expect(oneLine('a\u202eb\u200fc\u0000d\u2066e\u{e0041}f', 100)).toBe('a b c d e f');
    expect(oneLine('line\nbreak\u2028here\tand there', 100)).toBe('line break here and there');
  });
  it('keeps lines in a block, and not too many empty ones', () => {
    expect(block('one\r\ntwo\n\n\n\n\nthree\u2029four', 100)).toBe('one\ntwo\n\nthree\nfour');
  });
  it('does not let accents pile up', () => {
    expect(oneLine(`z${'\u0301'.repeat(50)}`, 100)).toBe('z\u0301\u0301');
  });
  it('keeps letters of every script, right to left ones too', () => {
    expect(oneLine('Тест שלום 你好 é', 100)).toBe('Тест שלום 你好 é');
  });
  it('is cut between characters and shows it', () => {
    expect(cut('abcdef', 6)).toBe('abcdef');
    expect(cut('abcdefg', 6)).toBe('abcde…');
    expect(cut('abcd🔔🔔', 6)).toBe('abcd…');
    expect(cut('abc🔔🔔', 6)).toBe('abc🔔…');
  });
  it('is well formed, bounded and visible whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 0x10ffff }), { maxLength: 200 }), fc.integer({ min: 2, max: 80 }), (points, max) => {
        const text = String.fromCodePoint(...points);
        for (const made of [oneLine(text, max), block(text, max)]) {
          expect(made.length).toBeLessThanOrEqual(max);
          expect(made.isWellFormed()).toBe(true);
          expect(made.replaceAll('\n', '')).not.toMatch(/[\p{Cf}\p{Cc}]/u);
        }
      }),
    );
  });
});

describe('join', () => {
  it('counts offsets in UTF-16 code units and leaves empty parts out', () => {
    expect(join(['🔔 ', { style: 'bold', text: 'x' }, { style: 'code', text: '' }, '\n', { style: 'pre', text: '🔔' }])).toEqual({
      text: '🔔 x\n🔔',
      entities: [
        { type: 'bold', offset: 3, length: 1 },
        { type: 'pre', offset: 5, length: 2 },
      ],
    });
  });
});
