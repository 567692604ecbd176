import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { startNats, startPostgres } from '@schoolbell/local-stack';
import type { ProcessChoice, ServerProvider } from './provider.ts';

/** Plain processes of this machine, each with a port and a folder of its own. */
export function createProcessProvider({ nats, place, directory, run }: ProcessChoice): ServerProvider {
  return {
    name: 'processes',
    startNats: () => startNats({ source: nats, directory: join(directory, `nats-${shortId()}`) }),
    startPostgres: ({ settings = {} } = {}) => {
      const id = shortId();
      return startPostgres({ place, name: join(run, id), logDirectory: join(directory, `postgres-${id}`), settings });
    },
  };
}

const shortId = (): string => randomUUID().slice(0, 8);
