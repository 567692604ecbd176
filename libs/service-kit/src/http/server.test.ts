import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createHealth, type Health } from '../health/health.ts';
import { createLogger } from '../log.ts';
import { createMetrics } from '../metrics.ts';
import { BatchUnavailableError } from '../batching/batcher.ts';
import { Problem } from './problem.ts';
import { requireOrganization, requireScope } from './require-scope.ts';
import { createHttpServer, type HttpServer } from './server.ts';
import { digestToken, type ResolvedToken } from './tokens.ts';

const READER = 'reader-0123456789012345678901';
const tokens: ResolvedToken[] = [
  { name: 'reader', digest: digestToken(READER), scopes: new Set(['results:read']), organizations: new Set(['acme']) },
];
const Body = z.object({ name: z.string().max(5), tags: z.array(z.object({ id: z.int() })).default([]) });

let app: HttpServer;
let health: Health;

beforeEach(() => {
  health = createHealth();
  const log = createLogger({ service: 'results', level: 'silent' });
  app = createHttpServer({ log, metrics: createMetrics('results'), health, tokens: () => tokens, title: 'Test', description: 'A test.' });
  app.post(
    '/v1/things/:id',
    { config: { access: 'own' }, schema: { params: z.object({ id: z.string() }), body: Body, response: { 202: z.object({ id: z.string() }) } } },
    async (request, reply) => {
      const row = { id: request.params.id, internal: 'never told' };
      return reply.code(202).send(row);
    },
  );
  app.get(
    '/v1/organizations/:id',
    {
      onRequest: requireScope('results:read'),
      schema: {
        summary: 'An organization',
        params: z.object({ id: z.string() }),
        querystring: z.object({ limit: z.coerce.number().int().max(5).default(2) }),
        response: { 200: z.object({ limit: z.int() }) },
      },
    },
    (request) => {
      requireOrganization(request, request.params.id);
      return { limit: request.query.limit };
    },
  );
});
afterEach(() => app.close());

const post = (payload: string, type = 'application/json') =>
  app.inject({ method: 'POST', url: '/v1/things/7', payload, headers: { 'content-type': type } });
const get = (url: string, token?: string) =>
  app.inject({ url, headers: token === undefined ? {} : { authorization: `Bearer ${token}` } });

describe('createHttpServer', () => {
  test('answers what the schema names and nothing else', async () => {
    const answer = await post('{"name":"ok"}');
    expect([answer.statusCode, answer.body]).toEqual([202, '{"id":"7"}']);
  });

  test.each([
    ['{', 'application/json', 400, 'body-not-json'],
    ['', 'application/json', 400, 'body-not-json'],
    ['{"__proto__":{"x":1}}', 'application/json', 400, 'body-not-json'],
    ['name=x', 'application/x-www-form-urlencoded', 415, 'media-type-unsupported'],
    ['x', 'text/plain', 415, 'media-type-unsupported'],
    [`"${'x'.repeat(300_000)}"`, 'application/json', 413, 'body-too-large'],
    ['{"name":1}', 'application/json', 422, 'body-invalid'],
    ['null', 'application/json', 422, 'body-invalid'],
  ])('a body of %j as %s is %i %s', async (payload, type, status, code) => {
    const answer = await post(payload, type);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.json()).toMatchObject({ status, code, type: `urn:schoolbell:problem:${code}` });
    expect(answer.statusCode).toBe(status);
  });

  test('names every wrong place', async () => {
    const answer = await post('{"tags":[{"id":1},{"id":"x"}]}');
    expect(answer.json<{ errors: unknown }>().errors).toEqual([
      { pointer: '/name', detail: 'is required (string)' },
      { pointer: '/tags/1/id', detail: 'Invalid input: expected number, received string' },
    ]);
  });

  test.each([
    ['/nothing', 404, 'route-unknown'],
    ['/v1/things/%zz', 400, 'url-invalid'],
    [`/v1/things/${'x'.repeat(1100)}`, 414, 'url-too-long'],
  ])('%s is a problem', async (url, status, code) => {
    const answer = await app.inject({ method: 'POST', url });
    expect(answer.json()).toMatchObject({ status, code });
  });

  test.each([
    ['/docs/nothing', 404, 'route-unknown'],
    ['/docs/static/nothing.js', 404, 'route-unknown'],
    ['/docs/static/%00', 403, 'request-invalid'],
  ])('%s, below the documentation, is a problem', async (url, status, code) => {
    const answer = await get(url);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.json()).toMatchObject({ status, code });
  });

  test('a wrong method names the right ones', async () => {
    const answer = await get('/v1/things/7');
    expect(answer.json()).toMatchObject({ status: 405, code: 'method-not-allowed' });
    expect(answer.headers['allow']).toBe('POST');
  });

  test('a scope is needed, and the organization must be among those of the token', async () => {
    expect((await get('/v1/organizations/acme')).json()).toMatchObject({ status: 401, code: 'token-invalid' });
    expect((await get('/v1/organizations/acme', 'wrong')).headers['www-authenticate']).toContain('Bearer');
    expect((await get('/v1/organizations/other', READER)).json()).toMatchObject({ status: 403, code: 'organization-not-allowed' });
    expect((await get('/v1/organizations/acme', READER)).json()).toEqual({ limit: 2 });
    expect((await get('/v1/organizations/acme?limit=9', READER)).json()).toMatchObject({
      status: 400,
      code: 'parameter-invalid',
      errors: [{ pointer: '/query/limit' }],
    });
  });

  test('a token without the scope is 403', async () => {
    app.get('/v1/alerts', { onRequest: requireScope('alerts:read') }, () => 'never');
    expect((await get('/v1/alerts', READER)).json()).toMatchObject({ status: 403, code: 'scope-missing' });
  });

  test('a route that forgets who may call it stops the start', () => {
    expect(() => app.get('/open', () => 'oops')).toThrow('/open has neither');
    expect(() => app.get('/late', { preHandler: requireScope('alerts:read') as never }, () => 'oops')).toThrow('onRequest');
  });

  test('a bug is 500 and tells nothing of itself, a lost database 503 with a time to come back', async () => {
    app.get('/bug', { config: { access: 'public' } }, () => {
      throw new Error('secret detail');
    });
    app.get('/away', { config: { access: 'public' } }, () => {
      throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    });
    const bug = await get('/bug');
    expect(bug.json()).toMatchObject({ status: 500, code: 'internal-error' });
    expect(bug.body).not.toContain('secret detail');
    const away = await get('/away');
    expect(away.json()).toMatchObject({ status: 503, code: 'database-unavailable' });
    expect(away.headers['retry-after']).toBe('2');
  });

  test('a batch that failed is what made it fail, one that could not be taken 503', async () => {
    app.get('/batch/:code', { config: { access: 'public' } }, ({ params }) => {
      throw new BatchUnavailableError((params as { code: 'queue-full' | 'flush-failed' }).code, { cause: new Error('a bug') });
    });
    expect((await get('/batch/flush-failed')).json()).toMatchObject({ status: 500, code: 'internal-error' });
    const full = await get('/batch/queue-full');
    expect(full.json()).toMatchObject({ status: 503, code: 'overloaded' });
    expect(full.headers['retry-after']).toBe('2');
  });

  test('a thrown problem is the answer', async () => {
    app.get('/problem', { config: { access: 'public' } }, () => {
      throw new Problem({ status: 409, code: 'taken', title: 'Taken.', headers: { 'x-hint': 'a' }, extensions: { since: 1 } });
    });
    const answer = await get('/problem');
    expect([answer.statusCode, answer.headers['x-hint']]).toEqual([409, 'a']);
    expect(answer.json()).toEqual({ type: 'urn:schoolbell:problem:taken', title: 'Taken.', status: 409, code: 'taken', since: 1 });
  });

  test('ready while degraded, 503 with the checks when down', async () => {
    health.set('nats', 'degraded', 'away');
    expect((await get('/health/ready')).json()).toEqual({ status: 'degraded', checks: [{ name: 'nats', state: 'degraded', detail: 'away' }] });
    health.set('database', 'down', 'refused');
    const down = await get('/health/ready');
    expect(down.json()).toMatchObject({ status: 503, code: 'not-ready', detail: 'database: refused', checks: [{ name: 'nats' }, { name: 'database' }] });
    expect((await get('/health/live')).json()).toEqual({ status: 'ok' });
  });

  test('measures by route pattern', async () => {
    await post('{"name":"ok"}');
    const { body } = await get('/metrics');
    expect(body).toContain('schoolbell_http_request_seconds_count{service="results",method="POST",route="/v1/things/:id",status="202"} 1');
  });

  test('the document knows every route, its scope and the problem', async () => {
    const document = (await get('/docs/json')).json<{ openapi: string; paths: Record<string, Record<string, unknown>>; components: { schemas: object } }>();
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.components.schemas)).toEqual(['Problem']);
    expect(Object.keys(document.paths)).toEqual(['/health/live', '/health/ready', '/metrics', '/v1/things/{id}', '/v1/organizations/{id}']);
    expect(document.paths['/v1/organizations/{id}']!['get']).toMatchObject({
      description: 'Scope: `results:read`.',
      security: [{ bearer: [] }],
      responses: { default: { content: { 'application/problem+json': {} } } },
    });
    expect((await get('/docs')).headers['content-type']).toContain('text/html');
  });
});
