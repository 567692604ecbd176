import { expect, test } from 'vitest';
import { digestToken, findToken, type ResolvedToken } from './tokens.ts';

const token = (name: string, secret: string): ResolvedToken => ({ name, digest: digestToken(secret), scopes: new Set() });
const tokens = [token('a', 'secret-of-a'), token('b', 'secret-of-b')];

test.each([
  ['Bearer secret-of-a', 'a'],
  ['bearer  secret-of-b ', 'b'],
  ['Bearer secret-of-c', undefined],
  ['Bearer', undefined],
  ['Basic secret-of-a', undefined],
  ['Bearer secret-of-a, Bearer secret-of-b', undefined],
  [undefined, undefined],
])('%s belongs to %s', (header, name) => {
  expect(findToken(tokens, header)?.name).toBe(name);
});
