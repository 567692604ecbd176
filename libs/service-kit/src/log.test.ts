import { expect, test } from 'vitest';
import { createLogger } from './log.ts';

function lines(): { written: Record<string, unknown>[]; destination: { write(line: string): void } } {
  const written: Record<string, unknown>[] = [];
  return { written, destination: { write: (line) => void written.push(JSON.parse(line) as Record<string, unknown>) } };
}

test('one JSON line with service, level and UTC time', () => {
  const { written, destination } = lines();
  createLogger({ service: 'ingest', level: 'info', destination }).info({ stream: 'S' }, 'published');
  expect(written[0]).toMatchObject({ level: 'info', service: 'ingest', stream: 'S', msg: 'published' });
  expect(written[0]!['time']).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
});

test('secrets in fields, and credentials in the message of a driver, are not written', () => {
  const { written, destination } = lines();
  const log = createLogger({ service: 'ingest', level: 'info', destination });
  log.info({ token: 'a', headers: { authorization: 'b', 'webhook-signature': 'c' }, source: { secret: 'd' } }, 'refused');
  log.error({ err: new Error('cannot connect to postgresql://ingest:hunter2@db:5432/x') }, 'database down');
  expect(JSON.stringify(written)).not.toMatch(/"[abcd]"|hunter2/);
  expect(JSON.stringify(written)).toContain('postgresql://ingest:[redacted]@db:5432/x');
});

test('an error keeps its code, its cause and the statement that failed, and none of its values', () => {
  const { written, destination } = lines();
  const cause = Object.assign(new Error('inner'), { code: '23505' });
  const err = Object.assign(new Error('outer', { cause }), { code: '40P01', statement: 'upsert', detail: 'Key (learner)=(grace) exists' });
  createLogger({ service: 'ingest', level: 'info', destination }).error({ err }, 'failed');
  expect(written[0]!['err']).toMatchObject({ message: 'outer', code: '40P01', statement: 'upsert', cause: { message: 'inner', code: '23505' } });
  expect(JSON.stringify(written)).not.toContain('grace');
});
