import { randomInt } from 'node:crypto';
import { createConnection, createServer } from 'node:net';
import { LocalStackError } from '../errors.ts';

/**
 * Below Linux' range for outgoing connections (32768 and up). A client that dials a dead server's port from that range
 * may be given the very same port as its own and connect to itself; then the server cannot come back.
 */
const FIRST_PORT = 15_000;
const PORT_COUNT = 17_000;
const MAX_TRIES = 50;
const CONNECT_TIMEOUT_MS = 1000;

/** A port of 127.0.0.1 that nobody listens on now. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const port = FIRST_PORT + randomInt(PORT_COUNT);
    if (await isFree(port)) return port;
  }
  throw new LocalStackError('port-busy', `No free port was found in ${MAX_TRIES} tries: stop what listens on 127.0.0.1.`);
}

/** @throws {LocalStackError} `port-busy` naming the port, what wanted it, and the way out. */
export async function requireFreePort(port: number, wantedBy: string, wayOut: string): Promise<void> {
  if (await isFree(port)) return;
  throw new LocalStackError('port-busy', `Port ${port} for ${wantedBy} is in use by another program: ${wayOut}.`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/** Whether something accepts connections there. */
export function accepts(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host, timeout: CONNECT_TIMEOUT_MS });
    const answer = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
    socket.once('timeout', () => answer(false));
  });
}
