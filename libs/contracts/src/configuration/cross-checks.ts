import type { ConfigurationFile } from './schema.ts';

/** A problem of the configuration: where it stands as a JSON pointer, and what to do. */
export interface ConfigurationProblem {
  readonly pointer: string;
  readonly detail: string;
}

/** What a schema cannot say: ids are unique, and what one part names another part declares. */
export function crossCheck(file: ConfigurationFile): ConfigurationProblem[] {
  const organizations = new Map(file.organizations.map((organization) => [organization.id, organization]));
  const undeclared = (id: string) => `organization "${id}" is not declared under /organizations`;
  const problems: ConfigurationProblem[] = [];

  for (const list of ['organizations', 'sources', 'destinations'] as const) {
    problems.push(...repeated(file[list].map(({ id }) => id), (index) => `/${list}/${index}/id`));
  }
  problems.push(...repeated(file.tokens.map(({ name }) => name), (index) => `/tokens/${index}/name`));

  file.sources.forEach((source, s) => {
    source.organizations.forEach((id, o) => {
      if (!organizations.has(id)) problems.push({ pointer: `/sources/${s}/organizations/${o}`, detail: undeclared(id) });
    });
    if (source.defaultOrganization !== undefined && !source.organizations.includes(source.defaultOrganization)) {
      problems.push({
        pointer: `/sources/${s}/defaultOrganization`,
        detail: `"${source.defaultOrganization}" is not one of this source's organizations`,
      });
    }
  });
  file.destinations.forEach(({ organizationId, events }, d) => {
    const organization = organizations.get(organizationId);
    if (organization === undefined) {
      problems.push({ pointer: `/destinations/${d}/organizationId`, detail: undeclared(organizationId) });
    } else if (organization.rating === undefined && events.includes('rating')) {
      problems.push({
        pointer: `/destinations/${d}/events/${events.indexOf('rating')}`,
        detail: `organization "${organizationId}" tells no ratings: give it "rating"`,
      });
    }
  });
  file.tokens.forEach((token, t) => {
    token.organizations?.forEach((id, o) => {
      if (!organizations.has(id)) problems.push({ pointer: `/tokens/${t}/organizations/${o}`, detail: undeclared(id) });
    });
  });
  if (file.publicUrl !== undefined && file.linkKeys === undefined) {
    problems.push({ pointer: '/linkKeys', detail: 'links to /publicUrl must be signed: name a key of 32 bytes in base64' });
  }
  return [...problems, ...telegramProblems(file.telegram)];
}

function telegramProblems({ chats, users, webhook }: ConfigurationFile['telegram']): ConfigurationProblem[] {
  const problems = [
    ...repeated(chats.map(({ id }) => String(id)), (index) => `/telegram/chats/${index}/id`),
    ...repeated(users.map(({ id }) => String(id)), (index) => `/telegram/users/${index}/id`),
  ];
  chats.forEach(({ id, commands }, index) => {
    if (commands && typeof id === 'string') {
      problems.push({ pointer: `/telegram/chats/${index}/commands`, detail: 'a channel only hears: name the number of a group or a person' });
    }
  });
  const commanding = chats.some(({ commands }) => commands);
  if (commanding && users.length === 0) problems.push({ pointer: '/telegram/users', detail: 'a chat takes commands and nobody may give any: add who may' });
  if (webhook !== undefined && !commanding) problems.push({ pointer: '/telegram/webhook', detail: 'no chat takes commands: nothing would come here' });
  return problems;
}

function repeated(ids: readonly string[], pointer: (index: number) => string): ConfigurationProblem[] {
  return ids.flatMap((id, index) =>
    ids.indexOf(id) === index ? [] : [{ pointer: pointer(index), detail: `"${id}" is declared twice` }],
  );
}
