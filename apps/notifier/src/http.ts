import { deadLetterRoutes } from '@schoolbell/messaging';
import { createHttpServer, createPersonGuard, type HttpServer, type HttpServerOptions, type VerifyPerson } from '@schoolbell/service-kit';
import { answerRoutes, type AnswerRoutesDeps } from './answers/routes.ts';
import { contactRoutes } from './contacts/routes.ts';
import { wishesRoutes } from './contacts/wishes-routes.ts';
import { readableFrom } from './inbox/origins.ts';
import { inboxRoutes, type InboxRoutesDeps } from './inbox/routes.ts';
import { webhookRoutes } from './bot/webhook.ts';
import { mailRoutes, type MailRoutesDeps } from './mail/routes.ts';
import { unsubscribeRoutes, type UnsubscribeRoutesDeps } from './mail/unsubscribe-routes.ts';
import { problemRoutes, type ProblemRoutesDeps } from './problems/routes.ts';
import { chatRoutes, type ChatRoutesDeps } from './telegram/routes.ts';

export interface HttpDeps {
  readonly server: Pick<HttpServerOptions, 'log' | 'metrics' | 'health' | 'tokens'>;
  readonly problems: ProblemRoutesDeps;
  readonly updates: Parameters<typeof webhookRoutes>[1];
  readonly chats: ChatRoutesDeps;
  readonly mail: MailRoutesDeps;
  readonly answers: AnswerRoutesDeps;
  readonly unsubscribe: UnsubscribeRoutesDeps;
  /** Contacts, and the inbox of each person. */
  readonly people: InboxRoutesDeps & { readonly verify: VerifyPerson; readonly origins: () => readonly string[] };
  readonly deadLetters: Parameters<typeof deadLetterRoutes>[1];
}

/** All of the notifier's HTTP. Builds only; nothing listens or connects yet. */
export function buildHttp({ server, problems, updates, chats, people, mail, answers, unsubscribe, deadLetters }: HttpDeps): HttpServer {
  const app = createHttpServer({
    ...server,
    title: 'Schoolbell notifier',
    description:
      'Tells participants what happens to their lessons, and the on-call admin in Telegram what is wrong, also when the database or NATS is; takes commands there.',
  });
  problemRoutes(app, problems);
  chatRoutes(app, chats);
  mailRoutes(app, mail);
  answerRoutes(app, answers);
  unsubscribeRoutes(app, unsubscribe);
  contactRoutes(app, people);
  const guard = createPersonGuard(people.verify);
  readableFrom(app, people.origins, (scope) => {
    inboxRoutes(scope, guard, people);
    wishesRoutes(scope, guard, people);
  });
  webhookRoutes(app, updates);
  deadLetterRoutes(app, deadLetters);
  return app;
}
