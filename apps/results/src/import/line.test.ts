import { describe, expect, it } from 'vitest';
import { formatInstant, parseInstant } from '@schoolbell/time';
import { readLine } from './line.ts';

const NOW = parseInstant('2026-11-21T05:30:00.000Z');
const data = { organizationId: 'acme', attemptId: 'a-1', learnerId: 'u-1', courseId: 'c-1', testId: 't-1', score: 17, maxScore: 20, completedAt: '2026-11-21T06:29:58+01:00' };
const read = (line: unknown, organizationId?: string) => readLine(line, { organizationId, nowMs: NOW });
const errorsOf = (line: unknown): string[] => {
  const result = read(line);
  return result.ok ? [] : result.errors.map(({ pointer }) => pointer);
};

describe('readLine', () => {
  it('takes the data of an attempt alone, in UTC, told when it was completed', () => {
    const result = read(data);
    expect(result).toMatchObject({ ok: true, event: { type: 'ingest.result.completed.v1', data: { completedAt: '2026-11-21T05:29:58.000Z', timestamp: '2026-11-21T05:29:58.000Z' } } });
  });
  it('takes a webhook with its id, and gives one without an id always the same', () => {
    const webhook = { type: 'test.voided', timestamp: '2026-11-20T00:00:00Z', data: { attemptId: 'a-1' } };
    expect(read({ ...webhook, id: 'wh_1' }, 'acme')).toMatchObject({ event: { data: { webhookId: 'wh_1', organizationId: 'acme' } } });
    expect(read(webhook, 'acme')).toEqual(read(structuredClone(webhook), 'acme'));
  });
  it('gives a line the same id as ever: a history that is imported again changes nothing', () => {
    expect(read(data)).toMatchObject({ event: { id: 'import-9d396b9403f588b0a43c2371c9b5fa7e72c3b520a741c560' } });
  });
  it('refuses a line that is nested deeper than it can be hashed, and nothing but the line', () => {
    const deep: unknown = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000));
    expect(read({ ...data, extra: deep })).toEqual({ ok: false, errors: [{ pointer: '', detail: 'is nested too deeply' }] });
    expect(read({ type: 'test.completed', timestamp: data.completedAt, data, extra: deep, id: 'wh_1' })).toMatchObject({ ok: true });
  });
  it('takes the instant five minutes ahead, and nothing later', () => {
    const at = (ms: number) => ({ type: 'test.voided', timestamp: formatInstant(NOW + ms), data: { attemptId: 'a-1', organizationId: 'acme' } });
    expect(errorsOf(at(300_000))).toEqual([]);
    expect(errorsOf(at(300_001))).toEqual(['/timestamp']);
  });
  it.each([
    [{ ...data, score: 21 }, ['/data/score']],
    [{ ...data, startedAt: '1969-12-31T23:59:59Z' }, ['/data/startedAt']],
    [{ ...data, completedAt: '1969-12-31T23:59:59Z' }, ['/timestamp', '/data/completedAt']],
    [{ ...data, completedAt: '9999-12-31T23:59:59-01:00' }, ['/timestamp', '/data/completedAt']],
    [{ ...data, learnerId: 'ann@example.com' }, ['/data/learnerId']],
    [{ ...data, organizationId: undefined }, ['/data/organizationId']],
    [[], ['']],
    ['text', ['']],
    [null, ['']],
  ])('refuses %j and names the place', (line, pointers) => {
    expect(errorsOf(line)).toEqual(pointers);
  });
});
