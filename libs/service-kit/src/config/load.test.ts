import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createLogger } from '../log.ts';
import { ConfigurationError } from './error.ts';
import { loadConfiguration, parseConfiguration, prepareConfiguration } from './load.ts';
import { createSecretStore } from './secrets.ts';
import { resolveTokens } from './tokens.ts';
import { watchConfiguration } from './watch.ts';

let directory: string;
let path: string;
const write = (content: unknown): Promise<void> => writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
const log = createLogger({ service: 'ingest', level: 'silent' });

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'schoolbell-config-'));
  path = join(directory, 'schoolbell.json');
});
afterEach(() => rm(directory, { recursive: true }));

async function problemsOf(run: () => Promise<unknown>): Promise<ConfigurationError> {
  const error = await run().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ConfigurationError);
  return error as ConfigurationError;
}

describe('loadConfiguration', () => {
  test('fills in the defaults and freezes everything', async () => {
    await write({ organizations: [{ id: 'acme' }] });
    const configuration = await loadConfiguration(path);
    expect(configuration.organizations[0]).toMatchObject({ id: 'acme', attemptPolicy: 'best', summaryLimits: { tests: 500 } });
    expect(Object.isFrozen(configuration.organizations[0]!.summaryLimits)).toBe(true);
  });

  test('names a file that is not there, and the variable that should name one', async () => {
    const error = await problemsOf(() => loadConfiguration(join(directory, 'none.json')));
    expect(error.code).toBe('configuration-unreadable');
    expect(error.message).toMatch(/none\.json cannot be used.*no such file; SCHOOLBELL_CONFIG/s);
  });

  test('says where JSON breaks', () => {
    expect(() => parseConfiguration('{"organizations": [}', 'the configuration x')).toThrow(/is not JSON: Unexpected token '}'/);
  });

  test('tells every problem of the schema at once', async () => {
    await write({ organizations: [{ id: 'a@b' }, { id: 'acme', attemptPolicy: 'worst' }], surprise: true });
    const { problems } = await problemsOf(() => loadConfiguration(path));
    expect(problems.map(({ pointer }) => pointer)).toEqual(['/organizations/0/id', '/organizations/1/attemptPolicy', '/surprise']);
  });

  test('tells what the parts say against each other', async () => {
    await write({ organizations: [{ id: 'acme' }, { id: 'acme' }] });
    const { problems } = await problemsOf(() => loadConfiguration(path));
    expect(problems).toEqual([{ pointer: '/organizations/1/id', detail: '"acme" is declared twice' }]);
  });

  test('tells every secret that cannot be had and every step that failed', async () => {
    await write({
      tokens: [
        { name: 'one', secret: { env: 'ONE' }, scopes: ['results:read'] },
        { name: 'two', secret: { env: 'TWO' }, scopes: ['results:read'] },
        { name: 'three', secret: { env: 'THREE' }, scopes: ['results:read'] },
        { name: 'four', secret: { file: join(directory, 'token') }, scopes: ['results:read'] },
      ],
    });
    const good = 'token-0123456789-0123456789';
    await writeFile(join(directory, 'token'), `${good}\n`);
    const secrets = createSecretStore({ TWO: 'short', THREE: good });
    const { problems } = await problemsOf(() => prepareConfiguration(path, (file, attempt) => resolveTokens(file, secrets, attempt)));
    expect(problems).toEqual([
      { pointer: '/tokens/0/secret', detail: 'environment variable ONE is not set' },
      { pointer: '/tokens/1/secret', detail: 'the token is shorter than 24 characters' },
      { pointer: '/tokens/3/secret', detail: 'the token is the same as that of "three": nobody could tell them apart' },
    ]);
  });
});

describe('watchConfiguration', () => {
  const names = (id: string) => ({ organizations: [{ id }] });
  const listening = process.listenerCount('SIGHUP');

  test('swaps on SIGHUP, keeps the old one when the new one is wrong, and says so', async () => {
    await write(names('first'));
    const told: string[] = [];
    const live = await watchConfiguration({
      path,
      prepare: ({ organizations }) => organizations[0]?.id,
      log,
    });
    live.listen({
      applied: () => {
        throw new Error('one listener fails');
      },
    });
    live.listen({
      applied: (current) => void told.push(`applied ${current}`),
      refused: ({ problems }) => void told.push(`refused ${problems[0]!.pointer}`),
    });
    expect(live.current()).toBe('first');
    await write(names('not an id@all'));
    process.emit('SIGHUP');
    await vi.waitFor(() => expect(told).toEqual(['refused /organizations/0/id']));
    expect(live.current()).toBe('first');
    await write(names('second'));
    expect(await live.reload()).toBe(true);
    expect(live.current()).toBe('second');
    live.close();
    expect(process.listenerCount('SIGHUP')).toBe(listening);
    expect(told).toEqual(['refused /organizations/0/id', 'applied second']);
  });

  test('a wrong file stops the start', async () => {
    await write('{}}');
    await problemsOf(() => watchConfiguration({ path, prepare: () => 0, log }));
    expect(process.listenerCount('SIGHUP')).toBe(listening);
  });
});
