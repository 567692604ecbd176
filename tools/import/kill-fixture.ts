// An import that is slow enough to be killed in the middle, and says where it is.
import { runImport, type ImportOptions } from './run-import.ts';

const [options = '{}', stateDirectory = ''] = process.argv.slice(2);
let batches = 0;
await runImport(JSON.parse(options) as ImportOptions, {
  stateDirectory,
  terminal: true,
  write: () => undefined,
  // Asked once per batch.
  nowMs: () => {
    process.stdout.write(`batch ${(batches += 1)}\n`);
    return batches * 1_000;
  },
});
