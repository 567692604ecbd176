import { z } from 'zod';
import type { Health } from '../health/health.ts';
import type { Metrics } from '../metrics.ts';
import { Problem } from './problem.ts';
import type { HttpServer } from './server.ts';

const Check = z.object({ name: z.string(), state: z.enum(['ok', 'degraded', 'down']), detail: z.string().optional() });
const Ready = z.object({ status: z.enum(['ok', 'degraded']), checks: z.array(Check) });
const Live = z.object({ status: z.literal('ok') });

/** `/health/live`, `/health/ready` and `/metrics`, for orchestrators and Prometheus. */
export function operationRoutes(app: HttpServer, health: Health, { registry }: Metrics): void {
  const config = { access: 'public' } as const;
  app.get(
    '/health/live',
    { config, schema: { summary: 'The process runs', tags: ['operation'], response: { 200: Live } } },
    () => ({ status: 'ok' as const }),
  );
  app.get(
    '/health/ready',
    {
      config,
      schema: {
        summary: 'The service takes work',
        description: '200 when ready or degraded, 503 with the list of checks when down.',
        tags: ['operation'],
        response: { 200: Ready },
      },
    },
    () => {
      const { status, checks } = health.report();
      if (status !== 'down') return { status, checks: [...checks] };
      const detail = checks.filter(({ state }) => state === 'down').map(({ name, detail: why }) => `${name}: ${why ?? 'down'}`);
      throw new Problem({
        status: 503,
        code: 'not-ready',
        title: 'The service takes no work now.',
        detail: detail.join('; '),
        extensions: { checks },
      });
    },
  );
  app.get('/metrics', { config, schema: { summary: 'Metrics for Prometheus', tags: ['operation'] } }, async (_request, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );
}
