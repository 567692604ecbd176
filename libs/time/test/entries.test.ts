import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** Every file that an entry loads, by following its imports. */
function loaded(entry: URL, seen = new Set<string>()): Set<string> {
  if (seen.has(entry.href)) return seen;
  seen.add(entry.href);
  for (const [, from = ''] of readFileSync(entry, 'utf8').matchAll(/from '([^']+)'/g)) {
    if (from.startsWith('.')) loaded(new URL(from, entry), seen);
    else seen.add(from);
  }
  return seen;
}

it('loads neither Luxon nor any zone into a process that only needs a clock', () => {
  const files = [...loaded(new URL('../src/index.ts', import.meta.url))];
  expect(files.filter((file) => file.includes('luxon') || file.includes('/zones/'))).toEqual([]);
  expect([...loaded(new URL('../src/zones/index.ts', import.meta.url))]).toContain('luxon');
});
