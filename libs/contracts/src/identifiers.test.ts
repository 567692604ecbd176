import { describe, expect, it } from 'vitest';
import { Identifier } from './identifiers.ts';

describe('Identifier', () => {
  it.each(['u-000123', 'a', 'курс 7', 'x'.repeat(128), '🎓', '🎓'.repeat(128), '../../etc'])('takes %s', (id) => {
    expect(Identifier.safeParse(id).success).toBe(true);
  });
  it.each(['', 'x'.repeat(129), '🎓'.repeat(129), 'ann@example.com', 'a\u0000b', 'line\nbreak', 'half \ud800', ' padded', 7])('refuses %j', (id) => {
    expect(Identifier.safeParse(id).success).toBe(false);
  });
});
