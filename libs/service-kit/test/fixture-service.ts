// A service for run-service.int.test.ts: what it does at its start and its end is told by its environment.
import { z } from 'zod';
import { defineEnvironment, runService } from '../src/index.ts';

const environment = defineEnvironment({
  START: z.enum(['ok', 'fail']).describe('How the start goes'),
  STOP: z.enum(['ok', 'hang']).default('ok').describe('How the stop goes'),
  THEN: z.enum(['wait', 'reject', 'throw']).default('wait').describe('What happens once it runs'),
});

runService({
  name: 'ingest',
  environment,
  shutdownDeadlineMs: 100,
  start: async ({ env, health }) => {
    if (env.START === 'fail') throw new Error('cannot start');
    const alive = setInterval(() => undefined, 1000);
    if (env.THEN === 'reject') void Promise.reject(new Error('nobody waits for this'));
    if (env.THEN === 'throw') setImmediate(() => { throw new Error('nobody catches this'); });
    return {
      stop: async () => {
        console.log(JSON.stringify(health.report()));
        if (env.STOP === 'hang') await new Promise(() => undefined);
        clearInterval(alive);
      },
    };
  },
});
