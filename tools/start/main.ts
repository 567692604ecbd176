// The body of `npm start`; set-up has been done before it (tools/setup).
import { LocalStackError } from '@schoolbell/local-stack';
import { ConfigurationError, MigrationError } from '@schoolbell/service-kit';
import { StartError } from './error.ts';
import { HELP, parseOptions } from './options.ts';
import { run } from './run.ts';

try {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) console.log(HELP);
  else await run(options);
} catch (error) {
  const expected = [StartError, LocalStackError, ConfigurationError, MigrationError].some((kind) => error instanceof kind);
  console.error(`\n${expected ? (error as Error).message : ((error as Error).stack ?? String(error))}`);
  process.exitCode = 1;
}
