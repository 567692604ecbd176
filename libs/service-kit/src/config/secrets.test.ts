import { expect, test } from 'vitest';
import { createSecretStore, SecretError } from './secrets.ts';

const store = createSecretStore({ GOOD: ' value \n', EMPTY: '  ' });

test('resolves a variable without the white space around it', () => {
  expect(store.resolve({ env: 'GOOD' })).toBe('value');
});

test.each([
  [{ env: 'MISSING' }, 'secret-missing', 'environment variable MISSING is not set'],
  [{ env: 'EMPTY' }, 'secret-empty', 'environment variable EMPTY is empty: put the secret into it'],
  [{ file: '/nowhere/secret' }, 'secret-unreadable', 'file /nowhere/secret cannot be read: ENOENT'],
])('names what is wrong with %j', (reference, code, message) => {
  const resolve = (): string => store.resolve(reference);
  expect(resolve).toThrow(SecretError);
  expect(resolve).toThrow(expect.objectContaining({ code, message }));
});
