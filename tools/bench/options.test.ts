import { expect, it } from 'vitest';
import { parseOptions } from './options.ts';

const NAMES = ['ceiling', 'outage'];

it('takes scenarios one by one or as a list', () => {
  expect(parseOptions(['--only', 'ceiling', '--only=outage'], NAMES).only).toEqual(NAMES);
  expect(parseOptions(['--only', 'ceiling,outage', '--quick', '--seed', '3'], NAMES)).toMatchObject({ only: NAMES, quick: true, seed: 3 });
});
it.each([
  [['--only', 'x'], 'no such scenario: x'],
  [['--seed', 'x'], '--seed takes a whole number'],
  [['--write', '--quick'], '--write keeps a whole run'],
])('refuses %j in one sentence', (args, message) => expect(() => parseOptions(args, NAMES)).toThrow(message));
