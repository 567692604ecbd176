import { describe, expect, it } from 'vitest';
import { MESSAGE_MAX_LENGTH } from '../telegram/compose.ts';
import { showHelp } from './help.ts';
import { COMMANDS, type Wish } from './table.ts';

const parse = (line: string): Wish | undefined => {
  const [name, ...args] = line.split(' ');
  return COMMANDS.find((command) => command.name === name)?.parse(args.join(' '));
};
const act = (line: string): unknown => (parse(line) as { act?: unknown } | undefined)?.act;

describe('a command', () => {
  it.each([
    ['pause acme-lms', { kind: 'pause', destination: 'acme-lms' }],
    ['pause all', { kind: 'pause' }],
    ['resume  acme-lms', { kind: 'resume', destination: 'acme-lms' }],
    ['replay destination acme-lms', { kind: 'replay', destination: 'acme-lms', state: 'parked' }],
    ['replay destination acme-lms all', { kind: 'replay', destination: 'acme-lms', state: 'all' }],
    ['replay deadletters results', { kind: 'replay-dead-letters', service: 'results' }],
    ['replay quarantine all', { kind: 'replay-quarantine' }],
    ['replay quarantine platform', { kind: 'replay-quarantine', source: 'platform' }],
  ])('%s is understood', (line, expected) => {
    expect(act(line)).toEqual(expected);
  });
  it.each(['pause', 'pause a b', 'pause ../x', 'pause ACME', 'replay', 'replay acme-lms', 'replay destination', 'replay destination a delivered', 'replay destination a all now',
    'replay deadletters nobody', 'replay deadletters', 'replay quarantine', 'status now', 'undelivered a b', 'deadletters nobody', 'mute', 'mute x', 'mute 1 99999', 'mute 1 2 3',
    'mute -1', 'learner', 'learner a@b.c', `learner ${'x'.repeat(129)}`])('%s is not, and shows its usage', (line) => {
    expect(parse(line)).toBeUndefined();
  });
  it('takes what people write', () => {
    expect(parse('mute #12')).toEqual({ kind: 'mute', problemId: 12n, minutes: 60 });
    expect(parse('mute 12 0')).toEqual({ kind: 'mute', problemId: 12n, minutes: 0 });
    expect(parse('learner Anna from 5b')).toEqual({ kind: 'learner', learner: 'Anna from 5b' });
    expect(parse('undelivered')).toEqual({ kind: 'undelivered' });
    expect(parse('deadletters results')).toEqual({ kind: 'deadletters', service: 'results' });
  });
  it('has a name and a summary that Telegram takes, and help fits into a message', () => {
    for (const { name, summary } of COMMANDS) {
      expect(name).toMatch(/^[a-z0-9_]{1,32}$/);
      expect(summary.length).toBeLessThanOrEqual(256);
    }
    expect(showHelp().text.length).toBeLessThanOrEqual(MESSAGE_MAX_LENGTH);
  });
});
