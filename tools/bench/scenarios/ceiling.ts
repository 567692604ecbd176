import { measureCeiling } from '../ceiling/ceiling.ts';
import type { Scenario } from '../context.ts';

export const ceiling: Scenario = {
  name: 'ceiling',
  summary: 'requests per second of a bare Fastify that verifies the signature and stores nothing',
  async run(context) {
    const value = await measureCeiling(context);
    return [{ name: 'ceiling.rate', label: 'ceiling: bare Fastify, signature only', value, unit: '/s' }];
  },
};
