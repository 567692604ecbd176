import type { HttpServer, Log } from '@schoolbell/service-kit';
import { z } from 'zod';
import { UNKNOWN_LINK } from '../answers/words.ts';
import type { OptionalTopic } from '../contacts/topics.ts';
import type { LinkKeys } from '../links/keys.ts';
import { readUnsubscribeToken, UNSUBSCRIBE_PATH } from '../links/links.ts';
import { html } from '../pages/html.ts';
import { pageScope } from '../pages/scope.ts';
import { plainPage, sendPage, type Page } from '../pages/sheet.ts';

export interface UnsubscribeRoutesDeps {
  readonly keys: LinkKeys;
  /** Adds to what the person does not want, and takes what waits of it out of the queue. */
  readonly unsubscribe: (readerId: string, topics: readonly OptionalTopic[]) => Promise<void>;
  readonly log: Log;
}

const params = z.object({ token: z.string().max(900) });
const tags = ['pages for people'];
const ASK = ['No more mails of this kind? The inbox keeps everything.', 'Больше не присылать таких писем? Во входящих останется всё.'] as const;
const DONE = ['Done: no more mails of this kind. You can change it back on the platform.', 'Готово: таких писем больше не будет. Вернуть их можно на платформе.'] as const;

/**
 * Ends mails of some kinds. The mail program itself may POST here (RFC 8058), without a page and its form; a link that is
 * only looked at ends nothing.
 */
export function unsubscribeRoutes(app: HttpServer, { keys, unsubscribe, log }: UnsubscribeRoutesDeps): void {
  pageScope(app, log, (scope) => {
    const config = { access: 'own' } as const;
    scope.get(`${UNSUBSCRIBE_PATH}/:token`, { config, schema: { tags, summary: 'Asks whether to end mails of a kind (HTML)', params } }, async (request, reply) => {
      const named = readUnsubscribeToken(keys, request.params.token);
      return sendPage(reply, named === undefined ? plainPage(404, UNKNOWN_LINK) : asking());
    });
    scope.post(`${UNSUBSCRIBE_PATH}/:token`, { config, schema: { tags, summary: 'End mails of a kind: one click, also of a mail program', params } }, async (request, reply) => {
      const named = readUnsubscribeToken(keys, request.params.token);
      if (named === undefined) return sendPage(reply, plainPage(404, UNKNOWN_LINK));
      await unsubscribe(named.readerId, named.topics);
      return sendPage(reply, plainPage(200, DONE));
    });
  });
}

const asking = (): Page => ({
  ...plainPage(200, ASK),
  body: html`<section>${ASK.map((line) => html`<p>${line}</p>`)}<form method="post"><button name="List-Unsubscribe" value="One-Click">Yes · Да</button></form></section>`,
});
