import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SERVICE_NAMES, type ServiceName } from '@schoolbell/contracts';
import { LocalStackError, repositoryRoot } from '@schoolbell/local-stack';
import { MigrationError } from '@schoolbell/service-kit';
import { check, create, deploy, status } from './commands.ts';

const HELP = `npm run migrate -- COMMAND [SERVICE] [NAME]

  check [SERVICE]      is each schema.prisma what the migrations make? (part of npm test)
  new SERVICE NAME     write the next migration from what was changed in schema.prisma
  status SERVICE       which migrations are applied in the database of DATABASE_URL
  deploy SERVICE       apply what is missing there; DATABASE_URL has the service's own role

check and new need no database: they use an embedded one, or make scratch databases on DATABASE_URL.
Services: ${SERVICE_NAMES.join(', ')}. Migrations are plain SQL; read and complete what "new" has written.`;

class UsageError extends Error {}

const [command = '--help', service, name] = process.argv.slice(2);
const one = (): ServiceName => {
  if (SERVICE_NAMES.includes(service as ServiceName)) return service as ServiceName;
  throw new UsageError(`"${service ?? ''}" is no service`);
};
const withSchema = (candidate: ServiceName): boolean => existsSync(join(repositoryRoot, 'apps', candidate, 'prisma', 'schema.prisma'));

try {
  if (command === 'check') process.exitCode = await check(service ? [one()] : SERVICE_NAMES.filter(withSchema));
  else if (command === 'new') await create(one(), requireName(name));
  else if (command === 'status') await status(one(), requireUrl());
  else if (command === 'deploy') await deploy(one(), requireUrl());
  else if (command === '--help' || command === 'help') console.log(HELP);
  else throw new UsageError(`"${command}" is no command`);
} catch (error) {
  const expected = error instanceof LocalStackError || error instanceof MigrationError;
  if (!expected && !(error instanceof UsageError)) throw error;
  console.error(error instanceof UsageError ? `${error.message}\n\n${HELP}` : error.message);
  process.exitCode = 1;
}

function requireName(text: string | undefined): string {
  if (text !== undefined && /^[a-z][a-z0-9_]{0,60}$/.test(text)) return text;
  throw new UsageError('a migration has a name of lower-case letters, digits and "_"');
}

function requireUrl(): string {
  const url = process.env['DATABASE_URL'];
  if (url) return url;
  throw new UsageError('DATABASE_URL must name the database');
}
