import { ProblemDetails } from '@schoolbell/contracts';
import type { FastifyInstance, FastifySchema } from 'fastify';
import { z } from 'zod';
import { PROBLEM_MEDIA_TYPE } from './problem.ts';
import type { RouteEntry } from './route-table.ts';
import { routeUnknown, sendProblem } from './send-problem.ts';
import { toProblem } from './translate.ts';

export interface DocumentInfo {
  readonly title: string;
  readonly description: string;
}

/** The prefix of the pages and of the document. */
export const DOCS_PREFIX = '/docs';

/**
 * A second, silent server that knows the routes and serves only their documentation. It is built when somebody first
 * asks: the plugins and the document would cost every process memory that nobody looks at.
 */
export async function createDocsServer(info: DocumentInfo, routes: readonly RouteEntry[]): Promise<FastifyInstance> {
  const [{ fastify }, { default: swagger }, { default: swaggerUi }, zodProvider] = await Promise.all([
    import('fastify'),
    import('@fastify/swagger'),
    import('@fastify/swagger-ui'),
    import('fastify-type-provider-zod'),
  ]);
  z.globalRegistry.add(ProblemDetails, { id: 'Problem' });
  const docs = fastify({ logger: false, exposeHeadRoutes: false });
  docs.setValidatorCompiler(() => () => true);
  docs.setSerializerCompiler(() => String);
  docs.setNotFoundHandler((_request, reply) => sendProblem(reply, routeUnknown()));
  docs.setErrorHandler((error, _request, reply) => sendProblem(reply, toProblem(error)));
  await docs.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { ...info, version: '1' },
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
    },
    transform: zodProvider.jsonSchemaTransform,
    transformObject: (input) => withoutUnused(zodProvider.jsonSchemaTransformObject(input)),
  });
  await docs.register(swaggerUi, { routePrefix: DOCS_PREFIX });
  for (const route of routes) {
    if (route.method === 'HEAD' || route.url.startsWith(DOCS_PREFIX)) continue;
    docs.route({ method: route.method, url: route.url, schema: documented(route), handler: () => undefined });
  }
  await docs.ready();
  return docs;
}

/** The route's schema with what the kit adds to every route: the problem as default answer, and the scope. */
function documented({ schema = {}, scope }: RouteEntry): FastifySchema {
  const problem = { description: 'A problem (RFC 9457)', content: { [PROBLEM_MEDIA_TYPE]: { schema: ProblemDetails } } };
  const { description } = schema;
  const scoped = scope === undefined ? description : [description, `Scope: \`${scope}\`.`].filter(Boolean).join(' ');
  return {
    ...schema,
    response: { ...(schema.response as object | undefined), default: problem },
    ...(scoped === undefined ? {} : { description: scoped }),
    ...(scope === undefined ? {} : { security: [{ bearer: [] }] }),
  };
}

/** The provider declares each schema twice, as input and as output; what no route refers to is left out. */
function withoutUnused<Document extends object>(document: Document): Document {
  const { components, ...rest } = document as { components?: { schemas?: Record<string, unknown> } };
  const used = JSON.stringify(rest);
  const schemas = Object.entries(components?.schemas ?? {}).filter(([name]) => used.includes(`#/components/schemas/${name}"`));
  return { ...document, components: { ...components, schemas: Object.fromEntries(schemas) } };
}
