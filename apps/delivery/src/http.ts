import { deadLetterRoutes } from '@schoolbell/messaging';
import { createHttpServer, type HttpServer, type HttpServerOptions } from '@schoolbell/service-kit';
import { cutoverRoutes, type CutoverRoutesDeps } from './api/routes-cutover.ts';
import { destinationRoutes, type DestinationRoutesDeps } from './api/routes-destinations.ts';
import { replayRoutes, type ReplayRoutesDeps } from './api/routes-replay.ts';
import { undeliveredRoutes, type UndeliveredRoutesDeps } from './api/routes-undelivered.ts';

export interface HttpDeps {
  readonly server: Pick<HttpServerOptions, 'log' | 'metrics' | 'health' | 'tokens'>;
  readonly destinations: DestinationRoutesDeps;
  readonly undelivered: UndeliveredRoutesDeps;
  readonly replay: ReplayRoutesDeps;
  readonly cutover: CutoverRoutesDeps;
  readonly deadLetters: Parameters<typeof deadLetterRoutes>[1];
}

/** All of delivery's HTTP. Builds only; nothing listens or connects yet. */
export function buildHttp({ server, destinations, undelivered, replay, cutover, deadLetters }: HttpDeps): HttpServer {
  const app = createHttpServer({
    ...server,
    title: 'Schoolbell delivery',
    description: 'Brings the newest state of every learner to the servers of the clients, and shows what did not arrive.',
  });
  destinationRoutes(app, destinations);
  undeliveredRoutes(app, undelivered);
  replayRoutes(app, replay);
  cutoverRoutes(app, cutover);
  deadLetterRoutes(app, deadLetters);
  return app;
}
