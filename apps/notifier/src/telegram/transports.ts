import type { Log } from '@schoolbell/service-kit';
import { createLogTransport, createTelegramTransport, type Transport } from './transport.ts';

/** The bot of the configuration; undefined: alerts are logged. */
export type Bot = { readonly token: string; readonly apiRoot: string } | undefined;

/** One transport per token and address, made anew when the configuration names others. */
export function createTransports(bot: () => Bot, log: Log): () => Transport {
  let made: { readonly key: string; readonly transport: Transport } | undefined;
  return () => {
    const current = bot();
    const key = current === undefined ? '' : `${current.apiRoot} ${current.token}`;
    if (made?.key !== key) made = { key, transport: current === undefined ? createLogTransport(log) : createTelegramTransport(current) };
    return made.transport;
  };
}
