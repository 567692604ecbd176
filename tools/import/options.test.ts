import { describe, expect, it } from 'vitest';
import { parseOptions } from './options.ts';

const env = { SCHOOLBELL_TOKEN: 'a-token-of-24-characters' };

describe('parseOptions', () => {
  it('takes a file', () => {
    expect(parseOptions(['history.ndjson'], env)).toMatchObject({ kind: 'import', file: 'history.ndjson', dryRun: false, url: 'http://127.0.0.1:4102' });
  });
  it('compares at delivery', () => {
    expect(parseOptions(['old.ndjson', '--compare', '--destination', 'acme-lms'], env)).toMatchObject({ kind: 'compare', destinationId: 'acme-lms', url: 'http://127.0.0.1:4103' });
  });
  it.each([
    [[], env, 'Name one FILE'],
    [['a', 'b'], env, 'Name one FILE'],
    [['a'], {}, 'Set SCHOOLBELL_TOKEN'],
    [['a', '--compare'], env, '--destination'],
    [['a', '--nonsense'], env, '--help'],
  ])('refuses %j with the way out', (args, environment, message) => {
    expect(() => parseOptions(args, environment)).toThrow(message);
  });
});
