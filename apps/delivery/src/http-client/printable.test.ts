import { describe, expect, it } from 'vitest';
import { printable } from './printable.ts';

describe('printable', () => {
  it('takes out what Postgres or a terminal would choke on, and keeps lines', () => {
    expect(printable('a\u0000b\u001b[31m\r\nc\td  ', 100)).toBe('a b [31m \nc\td');
  });
  it('does not cut a character in two', () => {
    expect(printable('ab😀', 3)).toBe('ab\ufffd');
    expect(printable('\ud800x', 10)).toBe('\ufffdx');
  });
});
