import { ConfigurationFile, type ConfigurationProblem } from '@schoolbell/contracts';
import { createSecretStore, type Attempt, type Configuration } from '@schoolbell/service-kit';
import { describe, expect, it } from 'vitest';
import { prepare } from './config.ts';

const env = {
  GOOD: `whsec_${Buffer.alloc(32, 1).toString('base64')}`,
  SHORT: 'whsec_AAAA',
  TOKEN: 'a-token-of-twenty-four-characters',
  KEY: Buffer.alloc(32, 2).toString('base64'),
};
const source = (id: string, secret: string, rest: object = {}) => ({
  id,
  organizations: ['acme'],
  authentication: { scheme: 'standard-webhooks', secrets: [{ env: secret }] },
  ...rest,
});
const configuration = (file: object) => ConfigurationFile.parse({ organizations: [{ id: 'acme' }], ...file }) as Configuration;

function run(file: object) {
  const problems: ConfigurationProblem[] = [];
  const attempt: Attempt = (pointer, step) => {
    try {
      return step();
    } catch (error) {
      problems.push({ pointer, detail: (error as Error).message });
      return undefined;
    }
  };
  return { prepared: prepare(configuration(file), attempt, createSecretStore(env)), problems };
}

describe('configuration of ingest', () => {
  it('is resolved and compiled', () => {
    const { prepared, problems } = run({
      quarantineKey: { env: 'KEY' },
      sources: [source('platform', 'GOOD', { transform: '{"type": kind}', silentAfterMinutes: 5 })],
      tokens: [{ name: 'admin', secret: { env: 'TOKEN' }, scopes: ['quarantine:read'] }],
    });
    expect(problems).toEqual([]);
    expect(prepared.sources.get('platform')).toMatchObject({ defaultOrganization: 'acme', silentAfterMs: 300_000 });
    expect(prepared.tokens).toHaveLength(1);
  });

  it('names every problem with its place', () => {
    const { problems } = run({ sources: [source('one', 'SHORT'), source('two', 'MISSING', { transform: '{"a":' })] });
    expect(problems.map(({ pointer }) => pointer)).toEqual([
      '/sources/0/authentication',
      '/sources/1/authentication',
      '/sources/1/transform',
      '/quarantineKey',
    ]);
    expect(problems.map(({ detail }) => detail).join()).not.toContain(env.SHORT);
  });
});
