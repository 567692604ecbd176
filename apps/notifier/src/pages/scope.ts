import type { FastifyReply, FastifyRequest } from 'fastify';
import type { HttpServer, Log } from '@schoolbell/service-kit';
import { plainPage, sendPage } from './sheet.ts';

/** Fields of a form: a few short ones. */
const FORM_LIMIT_BYTES = 4 * 1024;
const FIELDS_MAX = 10;
export const PAGE_FAILED = ['Something went wrong here. Nothing was lost: try again in a minute.', 'Что-то пошло не так. Ничего не потеряно: попробуйте через минуту.'] as const;
const REFUSED = ['This was not understood.', 'Запрос не понят.'] as const;

export type FormFields = Readonly<Record<string, string>>;

/** Routes for people: forms come in, and every error is a page. */
export function pageScope(app: HttpServer, log: Log, routes: (scope: HttpServer) => void): void {
  void app.register(async (plain) => {
    const scope = plain as unknown as HttpServer;
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string', bodyLimit: FORM_LIMIT_BYTES }, (_request, body, done) => {
      done(null, Object.fromEntries([...new URLSearchParams(String(body))].slice(0, FIELDS_MAX)));
    });
    // A mail program may send its one click in parts (RFC 8058); nothing of it is needed.
    scope.addContentTypeParser('multipart/form-data', { parseAs: 'buffer', bodyLimit: FORM_LIMIT_BYTES }, (_request, _body, done) => done(null, {}));
    scope.setErrorHandler((error, request: FastifyRequest, reply: FastifyReply) => {
      const status = (error as { statusCode?: number; status?: number }).statusCode ?? (error as { status?: number }).status ?? 500;
      if (status >= 400 && status < 500) return sendPage(reply, plainPage(status, REFUSED));
      // The route by its pattern: an address would be a key.
      log.error({ err: error, method: request.method, route: request.routeOptions.url }, 'a page failed');
      return sendPage(reply, plainPage(503, PAGE_FAILED, { 'retry-after': '60' }));
    });
    routes(scope);
  });
}

/** Browsers say where a form was sent from; those that do not say are taken for our own page, whose field they had to know. */
export const isFromElsewhere = (request: FastifyRequest): boolean => !['same-origin', 'none', undefined].includes(request.headers['sec-fetch-site'] as string | undefined);
