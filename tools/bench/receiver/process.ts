import { serveCommands } from '../processes/serve.ts';
import type { Counts, ReceivedMessage } from './messages.ts';
import { startReceiverServer, type Behaviour } from './server.ts';

const server = await startReceiverServer(Number(process.argv[2]));

/** What the receiver can be asked. */
export type ReceiverCommands = {
  behave(behaviour: Behaviour): Promise<void>;
  reset(options: { keepAll: boolean }): void;
  counts(): Counts & { failed: number };
  newest(): ReceivedMessage[];
  all(): ReceivedMessage[];
};

const commands: ReceiverCommands = {
  behave: (behaviour) => server.behave(behaviour),
  reset: (options) => server.reset(options),
  counts: () => ({ ...server.store.counts, failed: server.failed }),
  newest: () => server.store.newest(),
  all: () => server.store.all(),
};

serveCommands(commands);
