// In front of every test file: what is imported here, every one of them loads.
import { processesLeft } from '@schoolbell/local-stack/leftovers';
import { afterAll } from 'vitest';
import { waitFor, WaitTimeoutError } from '../wait-for.ts';

/** What keeps a process alive; timers are left out, for those of closed connections end by themselves. */
const WATCHED = new Set(['TCPSocketWrap', 'TCPServerWrap', 'ProcessWrap', 'PipeWrap', 'FSEventWrap', 'UDPWrap']);
/** Connections that were closed a moment ago need a moment. */
const GRACE_MS = 8_000;

const resources = (): string[] => process.getActiveResourcesInfo().filter((name) => WATCHED.has(name)).sort();
// Made on first use, and `import … from 'node:process'` (every Prisma client) is one: not the test's own.
void [process.stdin, process.stdout, process.stderr];
const before = resources();

/** A test file that leaves a connection, a server or a process open has failed. */
afterAll(async () => {
  const left = () => {
    const now = resources();
    for (const name of before) if (now.includes(name)) now.splice(now.indexOf(name), 1);
    return [...now, ...processesLeft()];
  };
  try {
    await waitFor('nothing is left open', () => left().length === 0, { timeoutMs: GRACE_MS });
  } catch (error) {
    if (!(error instanceof WaitTimeoutError)) throw error;
    throw new Error(`this test file leaves open: ${left().join(', ')}`);
  }
});
