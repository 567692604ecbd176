import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { fastify, type FastifyBaseLogger, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Health } from '../health/health.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { answerClientError, answerOddRequests } from './client-errors.ts';
import { letGoOfIdleConnections } from './closing.ts';
import { createDocsServer, DOCS_PREFIX, type DocumentInfo } from './openapi.ts';
import { operationRoutes } from './operations.ts';
import { Problem } from './problem.ts';
import { createRouteTable } from './route-table.ts';
import { routeUnknown, sendProblem } from './send-problem.ts';
import { createTimings } from './timings.ts';
import type { ResolvedToken } from './tokens.ts';
import { toProblem } from './translate.ts';
import { serializerCompiler, validatorCompiler } from './validation.ts';

const BODY_LIMIT_BYTES = 256 * 1024;
const HEADERS_LIMIT_BYTES = 16 * 1024;
/** Of a part of an address, decoded: an id of 128 characters of three bytes in base64, with a signature and what it is for. */
const PATH_PARAMETER_LIMIT = 1024;
const HEADERS_TIMEOUT_MS = 10_000;
/** The whole request, its body included. */
const REQUEST_TIMEOUT_MS = 20_000;
/** How often node:http looks for requests that are late. */
const TIMEOUT_CHECK_MS = 2000;
/** Longer than the idle timeout of the usual load balancers (60 s), so that they close first. */
const KEEP_ALIVE_MS = 72_000;
/** A peer that neither sends nor takes bytes in the middle of an exchange. */
const SILENCE_TIMEOUT_MS = 120_000;
const MAX_SOCKETS = 10_000;

/** A Fastify server whose route schemas are Zod schemas. */
export type HttpServer = FastifyInstance<Server, IncomingMessage, ServerResponse, FastifyBaseLogger, ZodTypeProvider>;

declare module 'fastify' {
  interface FastifyInstance {
    /** The OpenAPI 3.1 document of all routes declared so far. */
    openApi(): Promise<object>;
  }
}

export interface HttpServerOptions extends DocumentInfo {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly health: Health;
  /** Read on every request that needs one, so that a reload takes effect at once. */
  readonly tokens: () => readonly ResolvedToken[];
  readonly bodyLimitBytes?: number;
}

/**
 * The HTTP server of a service: Zod schemas in, `application/problem+json` for every error, `/docs`, `/health/*` and
 * `/metrics`. Requests are not logged; they are measured. `close()` ends idle connections at once and the others
 * after the answer they wait for.
 */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const { log, metrics, health, tokens, title, description, bodyLimitBytes = BODY_LIMIT_BYTES } = options;
  const app = fastify({
    logger: false,
    bodyLimit: bodyLimitBytes,
    connectionTimeout: SILENCE_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // A request that slips in on a busy connection while closing is served, with "connection: close".
    return503OnClosing: false,
    http: { maxHeaderSize: HEADERS_LIMIT_BYTES, connectionsCheckingInterval: TIMEOUT_CHECK_MS, requireHostHeader: false },
    routerOptions: { maxParamLength: PATH_PARAMETER_LIMIT },
    clientErrorHandler: answerClientError,
    frameworkErrors: (error, _request, reply) => void sendProblem(reply, toProblem(error)),
  }).withTypeProvider<ZodTypeProvider>();
  app.server.headersTimeout = HEADERS_TIMEOUT_MS;
  app.server.maxConnections = MAX_SOCKETS;
  answerOddRequests(app.server);

  app.decorate('tokens', tokens);
  app.decorateRequest('token', null);
  app.decorateRequest('subject', null);
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.removeContentTypeParser('text/plain');

  const table = createRouteTable();
  const timings = createTimings(metrics);
  app.addHook('onRoute', (route) => {
    table.add(route);
    route.onResponse = [...[route.onResponse ?? []].flat(), timings(route)];
  });
  app.setErrorHandler((error, request, reply) => {
    const problem = toProblem(error);
    if (problem.status === 500) log.error({ err: error, method: request.method, route: request.routeOptions.url }, 'request failed');
    return sendProblem(reply, problem);
  });
  app.setNotFoundHandler((request, reply) => sendProblem(reply, noRoute(request, table.methodsOf(pathOf(request)))));

  operationRoutes(app, health, metrics);
  docsRoutes(app, () => createDocsServer({ title, description }, table.entries));
  letGoOfIdleConnections(app);
  return app;
}

function docsRoutes(app: HttpServer, create: () => Promise<FastifyInstance>): void {
  let docs: Promise<FastifyInstance> | undefined;
  const get = (): Promise<FastifyInstance> => (docs ??= create());
  const forward = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const { routing } = await get();
    reply.hijack();
    routing(request.raw, reply.raw);
  };
  app.get(DOCS_PREFIX, { config: { access: 'public' } }, forward);
  app.get(`${DOCS_PREFIX}/*`, { config: { access: 'public' } }, forward);
  app.decorate('openApi', async () => (await get()).swagger());
  app.addHook('onClose', async () => (await docs)?.close());
}

function noRoute(request: FastifyRequest, methods: string[]): Problem {
  if (methods.length === 0) return routeUnknown();
  const allow = methods.join(', ');
  const detail = `${request.method} is not one of: ${allow}.`;
  return new Problem({ status: 405, code: 'method-not-allowed', title: 'The method is not allowed.', detail, headers: { allow } });
}

function pathOf({ url }: FastifyRequest): string {
  return url.split('?', 1)[0]!;
}
