import { fileURLToPath } from 'node:url';
import { freePort } from '@schoolbell/local-stack';
import { startChild } from '../processes/child.ts';
import type { Counts, ReceivedMessage } from './messages.ts';
import type { ReceiverCommands } from './process.ts';
import type { Behaviour } from './server.ts';

/** The destination: a process of its own, seen from the bench. */
export interface Receiver {
  readonly url: string;
  behave(behaviour: Behaviour): Promise<void>;
  reset(options?: { keepAll: boolean }): Promise<void>;
  counts(): Promise<Counts & { failed: number }>;
  newest(): Promise<ReceivedMessage[]>;
  all(): Promise<ReceivedMessage[]>;
  stop(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const port = await freePort();
  const child = startChild<ReceiverCommands>(fileURLToPath(new URL('process.ts', import.meta.url)), [String(port)]);
  await child.call('counts');
  return {
    url: `http://127.0.0.1:${port}/summaries`,
    behave: (behaviour) => child.call('behave', behaviour),
    reset: (options = { keepAll: false }) => child.call('reset', options),
    counts: () => child.call('counts'),
    newest: () => child.call('newest'),
    all: () => child.call('all'),
    stop: () => child.stop(),
  };
}
