import { deadLetterRoutes } from '@schoolbell/messaging';
import { createHttpServer, createPersonGuard, type HttpServer, type HttpServerOptions, type VerifyPerson } from '@schoolbell/service-kit';
import { contractRoutes } from './api/contracts.ts';
import type { ApiDeps } from './api/deps.ts';
import { lessonCommandRoutes } from './api/lesson-commands.ts';
import { lessonRoutes } from './api/lessons.ts';
import { lookingRoutes } from './api/looking.ts';
import { packageChangeRoutes } from './api/package-changes.ts';
import { packageRoutes } from './api/packages.ts';
import { peopleRoutes } from './api/people.ts';
import { requestRoutes } from './api/requests.ts';
import type { Timetable } from './lessons/query.ts';

export interface HttpDeps {
  readonly server: Pick<HttpServerOptions, 'log' | 'metrics' | 'health' | 'tokens'>;
  readonly verify: VerifyPerson;
  readonly api: ApiDeps & { readonly timetable: Timetable };
  readonly deadLetters: Parameters<typeof deadLetterRoutes>[1];
}

/** All of scheduling's HTTP. Builds only; nothing listens or connects yet. */
export function buildHttp({ server, verify, api, deadLetters }: HttpDeps): HttpServer {
  const app = createHttpServer({
    ...server,
    title: 'Schoolbell scheduling',
    description: 'Timetables that everybody sees in their own zone, and the negotiation by which lessons and series are moved.',
  });
  const guard = createPersonGuard(verify);
  peopleRoutes(app, guard, api);
  contractRoutes(app, guard, api);
  packageRoutes(app, guard, api);
  packageChangeRoutes(app, guard, api);
  lessonRoutes(app, guard, api);
  lessonCommandRoutes(app, guard, api);
  requestRoutes(app, guard, api);
  lookingRoutes(app, guard, api);
  deadLetterRoutes(app, deadLetters);
  return app;
}
