import { deadLetterRoutes } from '@schoolbell/messaging';
import { createHttpServer, type HttpServer, type HttpServerOptions } from '@schoolbell/service-kit';
import { importRoutes, type ImportRoutesDeps } from './import/routes.ts';
import { organizationRoutes, type OrganizationRoutesDeps } from './organizations/routes.ts';
import { ratingRoutes, type RatingRoutesDeps } from './ratings/routes.ts';
import { readingRoutes, type ReadingRoutesDeps } from './reading/routes.ts';

export interface HttpDeps {
  readonly server: Pick<HttpServerOptions, 'log' | 'metrics' | 'health' | 'tokens'>;
  readonly reading: ReadingRoutesDeps;
  readonly ratings: RatingRoutesDeps;
  readonly organizations: OrganizationRoutesDeps;
  readonly imports: ImportRoutesDeps;
  readonly deadLetters: Parameters<typeof deadLetterRoutes>[1];
}

/** All of the HTTP of results. Builds only; nothing listens or connects yet. */
export function buildHttp({ server, reading, ratings, organizations, imports, deadLetters }: HttpDeps): HttpServer {
  const app = createHttpServer({
    ...server,
    title: 'Schoolbell results',
    description: "Sums up each learner's results and ranks the learners of an organization.",
  });
  readingRoutes(app, reading);
  ratingRoutes(app, ratings);
  organizationRoutes(app, organizations);
  importRoutes(app, imports);
  deadLetterRoutes(app, deadLetters);
  return app;
}
