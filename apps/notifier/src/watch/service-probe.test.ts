import { createLogger, createMetrics } from '@schoolbell/service-kit';
import { ManualClock } from '@schoolbell/time';
import { expect, it } from 'vitest';
import { watchedService } from './service-probe.ts';
import { createWatches } from './watches.ts';

it('a corrected path takes the place of the wrong one', async () => {
  const asked: string[] = [];
  const [wrong, right] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const watched = (path: string) => ({
    ...watchedService({ service: 'results', url: `http://10.0.0.1:4102${path}` }),
    probe: () => {
      asked.push(path);
      (path === '/health/ready' ? right : wrong).resolve();
      return Promise.resolve(undefined);
    },
  });
  const watches = createWatches({ report: () => undefined, clock: new ManualClock(0), log: createLogger({ service: 'notifier', level: 'silent' }), metrics: createMetrics('notifier') });
  await watches.set([watched('/healthy')]);
  await wrong.promise;
  await watches.set([watched('/health/ready')]);
  await right.promise;
  await watches.stop();
  expect(new Set(asked)).toEqual(new Set(['/healthy', '/health/ready']));
});
