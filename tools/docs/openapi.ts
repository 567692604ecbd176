import type { ServiceName } from '@schoolbell/contracts';
import { createHealth, createLogger, createMetrics, type HttpServer, type HttpServerOptions } from '@schoolbell/service-kit';
import { inert } from './inert.ts';

type ServerParts = Pick<HttpServerOptions, 'log' | 'metrics' | 'health' | 'tokens'>;

/** What an app exports as `src/http.ts`: it declares the routes and touches nothing. */
interface HttpModule {
  buildHttp(deps: { readonly server: ServerParts }): HttpServer;
}

/** The OpenAPI 3.1 document of a service, from the routes that it really has. */
export async function openApiDocument(service: ServiceName): Promise<object> {
  const { buildHttp } = (await import(`../../apps/${service}/src/http.ts`)) as HttpModule;
  const server: ServerParts = {
    log: createLogger({ service, level: 'silent' }),
    metrics: createMetrics(service),
    health: createHealth(),
    tokens: () => [],
  };
  const app = buildHttp(inert({ server }));
  try {
    await app.ready();
    return await app.openApi();
  } finally {
    await app.close();
  }
}
