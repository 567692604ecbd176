import { describe, expect, it } from 'vitest';
import { crossCheck } from './cross-checks.ts';
import { ConfigurationFile } from './schema.ts';

const organization = { id: 'acme' };
const source = {
  id: 'platform',
  organizations: ['acme'],
  authentication: { scheme: 'standard-webhooks', secrets: [{ env: 'PLATFORM_SECRET' }] },
};
const destination = { id: 'lms', organizationId: 'acme', url: 'https://lms.example/hook', secrets: [{ env: 'LMS_SECRET' }] };
const check = (file: object) => crossCheck(ConfigurationFile.parse(file)).map(({ pointer }) => pointer);

describe('crossCheck', () => {
  it('finds nothing in a sound file', () => {
    expect(check({ organizations: [organization], sources: [source], destinations: [destination] })).toEqual([]);
  });
  it('names every problem at once, each with its place', () => {
    expect(
      check({
        organizations: [organization, organization],
        sources: [{ ...source, organizations: ['acme', 'nobody'], defaultOrganization: 'other' }],
        destinations: [{ ...destination, organizationId: 'nobody' }, destination],
        tokens: ['a', 'a'].map((name) => ({ name, secret: { env: 'T' }, scopes: ['results:read'] })),
      }),
    ).toEqual([
      '/organizations/1/id',
      '/destinations/1/id',
      '/tokens/1/name',
      '/sources/0/organizations/1',
      '/sources/0/defaultOrganization',
      '/destinations/0/organizationId',
    ]);
  });
  it('refuses a token of an organization that nobody declared', () => {
    const token = { name: 'lms', secret: { env: 'T' }, scopes: ['results:read'] };
    expect(check({ organizations: [organization], tokens: [{ ...token, organizations: ['acme', 'amce'] }] })).toEqual(['/tokens/0/organizations/1']);
    expect(check({ organizations: [organization], tokens: [token] })).toEqual([]);
  });
  it('refuses ratings of an organization that tells none', () => {
    const destinations = [{ ...destination, events: ['summary', 'rating'] }];
    expect(check({ organizations: [organization], destinations })).toEqual(['/destinations/0/events/1']);
    expect(check({ organizations: [{ ...organization, rating: { everyMinutes: 5 } }], destinations })).toEqual([]);
    expect(check({ destinations })).toEqual(['/destinations/0/organizationId']);
  });
  it('refuses commands that nobody may give, or that would come from a channel', () => {
    const chat = { id: 5, name: 'ops', commands: true };
    expect(check({ telegram: { chats: [chat], users: [{ id: 7, name: 'Anna' }] } })).toEqual([]);
    expect(check({ telegram: { chats: [chat, chat, { ...chat, id: '@news' }] } })).toEqual(['/telegram/chats/1/id', '/telegram/chats/2/commands', '/telegram/users']);
    expect(check({ telegram: { webhook: { url: 'https://bot.example/', secretToken: { env: 'S' } } } })).toEqual(['/telegram/webhook']);
  });
  it('lets no links out unsigned', () => {
    expect(check({ publicUrl: 'https://school.example' })).toEqual(['/linkKeys']);
    expect(check({ publicUrl: 'https://school.example', linkKeys: [{ env: 'LINKS' }] })).toEqual([]);
  });
  it('refuses a secret that is written instead of named', () => {
    const written = { ...destination, secrets: ['whsec_AAAA'] };
    expect(ConfigurationFile.safeParse({ organizations: [organization], destinations: [written] }).success).toBe(false);
  });
});
