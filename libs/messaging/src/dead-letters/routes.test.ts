import { createHealth, createHttpServer, createLogger, createMetrics, digestToken, type Database, type HttpServer } from '@schoolbell/service-kit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deadLetterRoutes } from './routes.ts';

const ANY = 'a-token-for-all-organizations';
const ONE = 'a-token-for-one-organization';
const ID = '00000000-0000-4000-8000-000000000001';
const scopes = new Set(['dead-letters:read', 'dead-letters:replay'] as const);

let app: HttpServer;
let asked = 0;
beforeEach(() => {
  asked = 0;
  app = createHttpServer({
    log: createLogger({ service: 'results', level: 'silent' }),
    metrics: createMetrics('results'),
    health: createHealth(),
    title: 'Results',
    description: '',
    tokens: () => [
      { name: 'any', digest: digestToken(ANY), scopes },
      { name: 'one', digest: digestToken(ONE), scopes, organizations: new Set(['acme']) },
    ],
  });
  const nothing = (): Promise<never[]> => {
    asked += 1;
    return Promise.resolve([]);
  };
  deadLetterRoutes(app, { db: { query: nothing } as unknown as Database, consumers: () => [] });
});
afterEach(() => app.close());

describe('dead letters', () => {
  it.each([
    ['GET', '/v1/dead-letters', 200],
    ['GET', `/v1/dead-letters/${ID}`, 404],
    ['POST', `/v1/dead-letters/${ID}/replay`, 404],
  ] as const)('%s %s: may be about any organization, so a restricted token is refused', async (method, url, status) => {
    const send = (token: string) => app.inject({ method, url, headers: { authorization: `Bearer ${token}` } });
    expect((await send(ONE)).json()).toMatchObject({ status: 403, code: 'organization-not-allowed' });
    expect(asked).toBe(0);
    expect((await send(ANY)).statusCode).toBe(status);
  });
});
