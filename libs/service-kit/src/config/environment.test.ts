import { expect, test } from 'vitest';
import { z } from 'zod';
import { commonEnvironment, defineEnvironment } from './environment.ts';

const environment = defineEnvironment({
  ...commonEnvironment('ingest'),
  BATCH_ROWS: z.coerce.number().int().max(500).default(200).describe('Rows of one batch'),
  NICKNAME: z.string().optional().describe('What to call it'),
});
const needed = { DATABASE_URL: 'postgresql://ingest@localhost/schoolbell', SCHOOLBELL_CONFIG: 'schoolbell.json' };

test('reads numbers and defaults; empty counts as not set', () => {
  expect(environment.parse({ ...needed, BATCH_ROWS: '50', PORT: '', OTHER: 'x' })).toEqual({
    ...needed,
    NATS_URL: 'nats://127.0.0.1:4222',
    HOST: '127.0.0.1',
    PORT: 4101,
    LOG_LEVEL: 'info',
    BATCH_ROWS: 50,
  });
});

test('names every variable that is wrong', () => {
  expect(() => environment.parse({ DATABASE_URL: 'mysql://x', BATCH_ROWS: '9999' })).toThrow(
    expect.objectContaining({
      code: 'environment-invalid',
      problems: [
        { pointer: 'DATABASE_URL', detail: 'must begin with postgresql://' },
        { pointer: 'SCHOOLBELL_CONFIG', detail: 'is required (string)' },
        { pointer: 'BATCH_ROWS', detail: expect.stringContaining('500') },
      ],
    }),
  );
});

test('documents itself', () => {
  expect(environment.variables.slice(-3)).toEqual([
    { name: 'SCHOOLBELL_CONFIG', description: expect.stringContaining('SIGHUP'), required: true },
    { name: 'BATCH_ROWS', description: 'Rows of one batch', required: false, default: '200' },
    { name: 'NICKNAME', description: 'What to call it', required: false },
  ]);
  expect(() => defineEnvironment({ MUTE: z.string() })).toThrow('MUTE has no description');
});
