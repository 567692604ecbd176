import { createLogger } from '@schoolbell/service-kit';
import { expect, test, vi } from 'vitest';
import type { NewAlert } from './alerts.ts';
import { createConfigurationAlert } from './configuration-alert.ts';

const log = createLogger({ service: 'results', level: 'silent' });

test('keeps the newest state until it is stored, beginning with the end of what an earlier life left open', async () => {
  const told: string[] = [];
  let tries = 0;
  let away = true;
  const tell = (alert: NewAlert): Promise<void> => {
    tries += 1;
    if (away) return Promise.reject(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));
    told.push(`${alert.state}: ${alert.detail}`);
    return Promise.resolve();
  };
  const configuration = createConfigurationAlert({ service: 'results', tell, log, everyMs: 1 });
  configuration.start();
  await vi.waitFor(() => expect(tries).toBeGreaterThan(2));
  await configuration.refused(new Error('/tokens/0 is wrong'));
  away = false;
  await vi.waitFor(() => expect(told).toEqual(['firing: /tokens/0 is wrong']));
  await configuration.applied();
  expect(told).toHaveLength(2);
  await configuration.stop();
  expect(told[1]).toBe('resolved: A configuration without problems is in force.');
});

test('tells each state once, also when it is reported again during the telling', async () => {
  const told: string[] = [];
  let stored: () => void = () => undefined;
  const tell = (alert: NewAlert): Promise<void> => {
    told.push(alert.state);
    return new Promise((resolve) => (stored = resolve));
  };
  const configuration = createConfigurationAlert({ service: 'results', tell, log, everyMs: 1 });
  configuration.start();
  await vi.waitFor(() => expect(told).toHaveLength(1));
  const meanwhile = [configuration.applied(), configuration.applied()];
  stored();
  await Promise.all(meanwhile);
  await configuration.stop();
  expect(told).toEqual(['resolved']);
});
