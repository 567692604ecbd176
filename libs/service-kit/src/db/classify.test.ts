import { describe, expect, test } from 'vitest';
import { classifyDatabaseError } from './classify.ts';

const server = (code: string) => Object.assign(new Error('from the server'), { code, severity: 'ERROR' });

describe('classifyDatabaseError', () => {
  test.each([
    ['40P01', 'deadlock'],
    ['40001', 'deadlock'],
    ['22P02', 'data'],
    ['54000', 'data'],
    ['23505', 'constraint'],
    ['23P01', 'constraint'],
    ['57P01', 'unavailable'],
    ['57014', 'unavailable'],
    ['53300', 'unavailable'],
    ['25006', 'unavailable'],
    ['55P03', 'unavailable'],
    ['42P01', 'bug'],
    ['21000', 'bug'],
    ['25P02', 'bug'],
  ])('server error %s is %s', (code, expected) => {
    expect(classifyDatabaseError(server(code))).toBe(expected);
  });

  test.each(['ECONNREFUSED', 'EPIPE', 'ETIMEDOUT'])('socket error %s means unavailable', (code) => {
    expect(classifyDatabaseError(Object.assign(new Error('socket'), { code }))).toBe('unavailable');
  });

  test.each([
    'timeout exceeded when trying to connect',
    'Connection terminated unexpectedly',
    'Connection terminated due to connection timeout',
    'Client has encountered a connection error and is not queryable',
    'Query read timeout',
    'Cannot use a pool after calling end on the pool',
  ])('the driver saying "%s" means unavailable', (message) => {
    expect(classifyDatabaseError(new Error(message))).toBe('unavailable');
  });

  test('Prisma errors are told apart by their own code and by the one inside', () => {
    const prisma = (code: string, meta?: object) => Object.assign(new Error('prisma'), { code, meta });
    expect(classifyDatabaseError(prisma('P1001'))).toBe('unavailable');
    expect(classifyDatabaseError(prisma('P2002'))).toBe('constraint');
    expect(classifyDatabaseError(prisma('P2000'))).toBe('data');
    const raw = { driverAdapterError: { cause: { originalCode: '40P01' } } };
    expect(classifyDatabaseError(prisma('P2010', raw))).toBe('deadlock');
  });

  test('looks through a wrapper, and takes everything else for a bug', () => {
    expect(classifyDatabaseError(new Error('outer', { cause: server('40001') }))).toBe('deadlock');
    expect(classifyDatabaseError(new TypeError('x is not a function'))).toBe('bug');
    expect(classifyDatabaseError(undefined)).toBe('bug');
  });
});
