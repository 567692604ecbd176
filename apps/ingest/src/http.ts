import { deadLetterRoutes } from '@schoolbell/messaging';
import { createHttpServer, type HttpServer, type HttpServerOptions } from '@schoolbell/service-kit';
import { quarantineRoutes, type QuarantineRoutesDeps } from './quarantine/routes.ts';
import { webhookRoutes, type WebhookRoutesDeps } from './webhooks/routes.ts';

export interface HttpDeps {
  readonly server: Pick<HttpServerOptions, 'log' | 'metrics' | 'health' | 'tokens'>;
  readonly webhooks: WebhookRoutesDeps;
  readonly quarantine: QuarantineRoutesDeps;
  readonly deadLetters: Parameters<typeof deadLetterRoutes>[1];
}

/** All of ingest's HTTP. Builds only; nothing listens or connects yet. */
export function buildHttp({ server, webhooks, quarantine, deadLetters }: HttpDeps): HttpServer {
  const app = createHttpServer({
    ...server,
    title: 'Schoolbell ingest',
    description: 'Takes the webhooks of learning platforms and keeps what it has answered 202.',
  });
  webhookRoutes(app, webhooks);
  quarantineRoutes(app, quarantine);
  deadLetterRoutes(app, deadLetters);
  return app;
}
