import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runStep } from './run.mjs';
import { ROOT, SetupError } from './system.mjs';

const BIN = join(ROOT, 'node_modules', '.bin');
/** Inside node_modules, so that it goes when they go. */
const MARK = join(ROOT, 'node_modules', '.schoolbell-clients');

/** Generate the database client of every app that has a schema, unless the ones there are current. */
export async function generateClients() {
  const apps = readdirSync(join(ROOT, 'apps')).filter((app) => existsSync(schemaOf(app)));
  const state = fingerprint(apps);
  const made = apps.every((app) => existsSync(join(ROOT, 'apps', app, 'src', 'generated', 'client.ts')));
  if (made && existsSync(MARK) && readFileSync(MARK, 'utf8') === state) return;

  const projects = apps.map((app) => `@schoolbell/${app}`).join();
  const nx = [join(BIN, 'nx'), 'run-many', '--targets', 'generate', '--projects', projects, '--outputStyle', 'stream'];
  const failure = await runStep('Generating the database clients', 'generate.log', join(BIN, 'node'), nx, {
    ...process.env,
    PATH: `${BIN}${delimiter}${process.env.PATH}`,
    NX_DAEMON: 'false',
    NX_TUI: 'false',
    // The engine that this names is for migrations only; without a name Prisma tries to download one.
    PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true',
  });
  if (failure) throw new SetupError(`${failure.tail}\n\nThe database clients could not be generated (see ${failure.log}).`);
  writeFileSync(MARK, state);
}

const schemaOf = (app) => join(ROOT, 'apps', app, 'prisma', 'schema.prisma');

function fingerprint(apps) {
  const hash = createHash('sha256').update(readFileSync(join(ROOT, 'package-lock.json')));
  for (const app of apps) hash.update(app).update(readFileSync(schemaOf(app)));
  return hash.digest('hex');
}
