import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { harmless, NAME_MAX } from './harmless.ts';

const name = (text: string): string => harmless(text, NAME_MAX);

describe('a name that people gave', () => {
  it.each([
    ['Анна Каренина', 'Анна Каренина'],
    ['  José   Ñandú ', 'José Ñandú'],
    ['J. R. Ewing', 'J. R. Ewing'],
    ['<img src=x onerror=alert(1)>', '‹img src=x onerror=alert(1)›'],
    ['Anna\r\nBcc: all@example.org', 'Anna Bcc: all@example. org'],
    ['Log in at https://evil.example/x', 'Log in at https: evil. example/x'],
    ['Tom\u202egnp.exe', 'Tomgnp. exe'],
    ['A\u200bn\u2060n\ufeffa\u0000', 'Anna'],
    ['T\u0301\u0302\u0303\u0304\u0305\u0306om', 'T\u0301\u0302\u0303om'],
    ['\u{e0041}\u{e0042}', ''],
    ['\ud800x', 'x'],
  ])('%j is shown as %j', (given, shown) => expect(name(given)).toBe(shown));

  it('written from right to left stays within its own place', () => {
    expect(name('\u202eמשה')).toBe('\u2068משה\u2069');
    expect(name('سارة')).toBe('\u2068سارة\u2069');
  });

  it('is cut between characters, never within one', () => {
    expect(name('x'.repeat(10_000))).toBe(`${'x'.repeat(NAME_MAX - 1)}…`);
    const family = '👨‍👩‍👧‍👦';
    expect(name(family.repeat(30))).toMatch(new RegExp(`^(${family})+…$`, 'u'));
  });

  it('is, whatever it was, one short line of well-formed text without tags and directions, and stays so', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 150 }), (given) => {
      const shown = name(given);
      expect(shown.length).toBeLessThanOrEqual(NAME_MAX + 2);
      expect(shown.isWellFormed()).toBe(true);
      expect(shown.replace(/^\u2068(.*)\u2069$/su, '$1')).not.toMatch(/[<>\p{Cc}\p{Zl}\p{Zp}\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]/u);
      expect(name(shown)).toBe(shown);
    }), { numRuns: 100 });
  });
});
