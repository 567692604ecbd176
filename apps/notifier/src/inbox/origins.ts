import cors, { type FastifyCorsOptions } from '@fastify/cors';
import type { HttpServer } from '@schoolbell/service-kit';

/** The plugin answers preflights of every path; only these are for pages of others. */
const INBOX = /^\/v1\/inbox(?:[/?]|$)/;
/** How long a browser may remember a preflight: a removed origin is refused by the answers themselves. */
const REMEMBER_SECONDS = 600;

const ALLOWED: FastifyCorsOptions = {
  methods: ['GET', 'POST', 'PUT'],
  allowedHeaders: ['authorization', 'content-type', 'if-match', 'last-event-id'],
  exposedHeaders: ['retry-after'],
  // Who somebody is stands in a header or a ticket that the page has to know, never in a cookie.
  credentials: false,
  maxAge: REMEMBER_SECONDS,
};

/** Lets pages of listed origins call the routes of a person. The list is read at each request, so a reload counts at once. */
export function readableFrom(app: HttpServer, origins: () => readonly string[], routes: (scope: HttpServer) => void): void {
  void app.register(async (plain) => {
    await plain.register(cors, {
      delegator: ({ headers: { origin }, url }, done) => {
        done(null, { ...ALLOWED, origin: origin !== undefined && INBOX.test(url ?? '') && origins().includes(origin) });
      },
    });
    routes(plain as unknown as HttpServer);
  });
}
