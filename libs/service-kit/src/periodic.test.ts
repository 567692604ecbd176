import { expect, test, vi } from 'vitest';
import { createLogger } from './log.ts';
import { createPeriodic } from './periodic.ts';

const log = createLogger({ service: 'ingest', level: 'silent' });

test('runs at once, again after an end and after a failure, and stops after the run in hand', async () => {
  let runs = 0;
  let finished = 0;
  const periodic = createPeriodic({
    name: 'job',
    everyMs: 1,
    log,
    run: async () => {
      runs += 1;
      if (runs === 1) throw new Error('the first fails');
      await Promise.resolve();
      finished += 1;
    },
  });
  periodic.start();
  periodic.start();
  await vi.waitFor(() => expect(finished).toBeGreaterThan(2));
  await periodic.stop();
  const after = runs;
  expect(finished).toBe(after - 1);
});

test('a run that waits is told to end', async () => {
  const periodic = createPeriodic({
    name: 'job',
    everyMs: 60_000,
    log,
    run: (signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve())),
  });
  periodic.start();
  await periodic.stop();
});
