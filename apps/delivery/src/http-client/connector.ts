import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import { buildConnector } from 'undici';
import { refusedRange } from './address-guard.ts';

/** The name leads to, or the URL is, an address that requests must not reach. */
export class AddressRefusedError extends Error {
  readonly code = 'address-refused';

  constructor(host: string, address: string, range: string) {
    super(`${host} leads to ${address} (${range}); set allowPrivateNetwork if that is intended`);
  }
}

/** All addresses of a name. */
export type Resolve = (hostname: string, done: (error: Error | null, addresses: readonly LookupAddress[]) => void) => void;

/**
 * The system's resolver, with one question in flight per name: it blocks a thread of a small pool while it waits, and
 * a name whose server hangs must not take them all.
 */
export function createResolver(): Resolve {
  const waiting = new Map<string, Parameters<Resolve>[1][]>();
  return (hostname, done) => {
    const others = waiting.get(hostname);
    if (others !== undefined) {
      others.push(done);
      return;
    }
    const callbacks = [done];
    waiting.set(hostname, callbacks);
    systemLookup(hostname, { all: true }, (error, addresses) => {
      waiting.delete(hostname);
      for (const callback of callbacks) callback(error, addresses ?? []);
    });
  };
}

export interface ConnectorOptions {
  readonly allowPrivateNetwork: boolean;
  readonly timeoutMs: number;
  readonly resolve: Resolve;
}

/**
 * Connects for undici. The name is resolved once, all its addresses are judged, and the socket gets exactly these:
 * a second answer of the name server ("DNS rebinding") is never asked for. One refused address refuses the name.
 */
export function createConnector({ allowPrivateNetwork, timeoutMs, resolve }: ConnectorOptions): buildConnector.connector {
  const judge = (host: string, addresses: readonly string[]): AddressRefusedError | undefined => {
    if (allowPrivateNetwork) return undefined;
    for (const address of addresses) {
      const range = refusedRange(address);
      if (range !== undefined) return new AddressRefusedError(host, address, range);
    }
    return undefined;
  };

  const lookup: LookupFunction = (hostname, options, done) => {
    resolve(hostname, (error, addresses) => {
      const failure = error ?? judge(hostname, addresses.map(({ address }) => address));
      if (failure !== undefined) return done(failure, []);
      if (options.all === true) return done(null, [...addresses]);
      const [first] = addresses;
      if (first === undefined) return done(Object.assign(new Error(`${hostname} has no address`), { code: 'ENOTFOUND' }), []);
      done(null, first.address, first.family);
    });
  };
  const connect = buildConnector({ timeout: timeoutMs, lookup, autoSelectFamily: true, allowH2: false });

  return (options, callback) => {
    // A literal address is never looked up, so it is judged here. WHATWG URLs have normalized "0x7f.1" and its like.
    const literal = options.hostname.replace(/^\[|\]$/g, '');
    const refused = isIP(literal) === 0 ? undefined : judge(options.hostname, [literal]);
    if (refused !== undefined) return callback(refused, null);
    connect({ ...options, hostname: literal }, (...[error, socket]: Parameters<buildConnector.Callback>) => {
      if (error !== null) return callback(error, null);
      // Nothing is written yet. Whatever led here, the peer itself has the last word.
      const peer = judge(options.hostname, [socket.remoteAddress ?? '']);
      if (peer === undefined) return callback(null, socket as Socket);
      socket.destroy();
      callback(peer, null);
    });
  };
}
