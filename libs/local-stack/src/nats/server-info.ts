import { createConnection } from 'node:net';

const INFO_TIMEOUT_MS = 2000;
const INFO_MAX_BYTES = 65_536;

/** What a NATS server says of itself before anybody logs in. */
export interface NatsInfo {
  readonly version: string;
  readonly jetstream: boolean;
}

/** The INFO line of the server at an address; undefined when none answers there. */
export function readNatsInfo(host: string, port: number): Promise<NatsInfo | undefined> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port });
    let text = '';
    const answer = (info: NatsInfo | undefined) => {
      socket.destroy();
      resolve(info);
    };
    socket.setTimeout(INFO_TIMEOUT_MS, () => answer(undefined));
    socket.once('error', () => answer(undefined));
    socket.once('close', () => answer(undefined));
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.includes('\r\n') || text.length > INFO_MAX_BYTES) answer(parseInfo(text));
    });
  });
}

/** @internal */
export function parseInfo(text: string): NatsInfo | undefined {
  const json = /^INFO (\{.*\})\s*\r\n/.exec(text)?.[1];
  if (json === undefined) return undefined;
  const info = parseJson(json) as { version?: unknown; jetstream?: unknown } | undefined;
  return typeof info?.version === 'string' ? { version: info.version, jetstream: info.jetstream === true } : undefined;
}

/** Whoever listens there may be a stranger. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
