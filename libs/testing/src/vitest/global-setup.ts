import { processesLeft } from '@schoolbell/local-stack';
import type { TestProject } from 'vitest/node';
import { chooseProvider, createProvider, removeRun } from '../provider/choose.ts';
import type { ProviderChoice } from '../provider/provider.ts';
import './provided.ts';

/** Once per run: choose the provider and start the one Postgres in which every test file has databases of its own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const choice = await chooseProvider((step) => process.stderr.write(`${step}\n`));
  const shared = await sharedPostgres(choice).catch(async (error: unknown) => {
    await removeRun(choice);
    throw error;
  });
  project.provide('schoolbellProvider', choice);
  project.provide('schoolbellAdminUrl', shared.url);
  return async () => {
    await shared.stop();
    await removeRun(choice);
    const left = processesLeft();
    if (left.length > 0) throw new Error(`the run leaves processes behind: ${left.join(', ')}`);
  };
}

async function sharedPostgres(choice: ProviderChoice): Promise<{ url: string; stop(): Promise<void> }> {
  const url = process.env['DATABASE_URL'];
  return url ? { url, stop: async () => undefined } : await createProvider(choice).startPostgres();
}
