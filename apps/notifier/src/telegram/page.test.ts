import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MESSAGE_MAX_LENGTH } from './compose.ts';
import { page } from './page.ts';

describe('a page', () => {
  it('never exceeds what Telegram takes, and counts what it leaves out', () => {
    const line = fc.array(fc.oneof(fc.string({ maxLength: 300 }), fc.record({ style: fc.constant('code' as const), text: fc.string({ minLength: 1, maxLength: 300 }) })), { maxLength: 6 });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 80 }), fc.nat(1_000), (lines, beyond) => {
        const total = lines.length + beyond;
        const { text, entities } = page(['head'], lines, { total, more: 'elsewhere' });
        expect(text.length).toBeLessThanOrEqual(MESSAGE_MAX_LENGTH);
        expect(entities.length).toBeLessThanOrEqual(100);
        if (beyond > 0) expect(Number(/… and (\d+) more: elsewhere$/.exec(text)?.[1])).toBeGreaterThanOrEqual(beyond);
      }),
    );
  });
  it('shows all that fits without a word about the rest', () => {
    expect(page(['head'], [['a'], ['b']], { more: 'elsewhere' }).text).toBe('head\na\nb');
  });
});
