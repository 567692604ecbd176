// What `npm start` and `npm test` need before anything of the repository can be imported: the dependencies (among them
// the pinned Node), and the database clients that are generated from the schemas. Runs on the system's Node 20 or
// newer, before there are any dependencies, and does nothing when nothing is to be done.
import { generateClients } from './clients.mjs';
import { installDependencies } from './dependencies.mjs';
import { withLock } from './lock.mjs';
import { requireSystem, SetupError } from './system.mjs';

try {
  requireSystem();
  await withLock(async () => {
    await installDependencies();
    await generateClients();
  });
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`\n${error.message}\n`);
  process.exitCode = 1;
}
