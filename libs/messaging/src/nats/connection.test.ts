import { describe, expect, it } from 'vitest';
import { accessOf } from './connection.ts';

describe('accessOf', () => {
  it('takes the credentials out of the address', () => {
    expect(accessOf('nats://127.0.0.1:4222')).toEqual({ servers: ['nats://127.0.0.1:4222'] });
    expect(accessOf('127.0.0.1:4222, 127.0.0.2:4222')).toEqual({ servers: ['127.0.0.1:4222', '127.0.0.2:4222'] });
    expect(accessOf('nats://delivery:p%40ss@a:4222,nats://delivery:p%40ss@b:4222')).toEqual({ servers: ['nats://a:4222', 'nats://b:4222'], user: 'delivery', pass: 'p@ss' });
  });
});
