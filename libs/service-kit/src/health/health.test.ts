import { expect, test } from 'vitest';
import { createHealth } from './health.ts';

test('the worst check decides, and a check that recovers counts no more', () => {
  const health = createHealth();
  expect(health.report()).toEqual({ status: 'ok', checks: [] });
  health.set('nats', 'degraded', 'no connection');
  expect(health.report().status).toBe('degraded');
  health.set('database', 'down');
  expect(health.report().status).toBe('down');
  health.set('database', 'ok');
  health.set('nats', 'ok');
  expect(health.report()).toEqual({ status: 'ok', checks: [{ name: 'nats', state: 'ok' }, { name: 'database', state: 'ok' }] });
});
