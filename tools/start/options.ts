import { parseArgs } from 'node:util';
import { StartError } from './error.ts';
import { DEFAULT_PORT_BASE } from './ports.ts';

export const HELP = `npm start [-- OPTIONS]

Starts Schoolbell on this machine: NATS, Postgres, the five services and a stand-in for a client's server. Plays one
signed webhook through the whole chain, shows the summary that arrived, rehearses a negotiation about lessons in three
time zones, and stays up until Ctrl-C.

  --fresh        begin anew: delete all data and secrets of earlier starts first
  --ports N      use the ports from N on instead of ${DEFAULT_PORT_BASE}, when those are taken
  --verbose      also print what the services log
  --help         this text

Environment:
  NATS_URL       a NATS server of your own (2.10.23 or newer, with JetStream) instead of one that is found
  DATABASE_URL   a Postgres of your own (a role that may create databases and roles) instead of the embedded one
  SCHOOLBELL_CONFIG   a configuration of your own instead of deploy/development.json

All data are in .schoolbell/, which git ignores.`;

export interface StartOptions {
  readonly help: boolean;
  readonly fresh: boolean;
  readonly verbose: boolean;
  readonly portBase: number;
}

const PORT_BASE_MAX = 65_000;

export function parseOptions(args: readonly string[]): StartOptions {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        help: { type: 'boolean', default: false },
        fresh: { type: 'boolean', default: false },
        verbose: { type: 'boolean', default: false },
        ports: { type: 'string', default: String(DEFAULT_PORT_BASE) },
      },
    });
    const portBase = Number(values.ports);
    if (!Number.isInteger(portBase) || portBase < 1024 || portBase > PORT_BASE_MAX) {
      throw new StartError('usage', `--ports takes a number from 1024 to ${PORT_BASE_MAX}, not "${values.ports}".`);
    }
    return { help: values.help, fresh: values.fresh, verbose: values.verbose, portBase };
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw new StartError('usage', `${(error as Error).message} (npm start -- --help shows what there is)`);
  }
}
