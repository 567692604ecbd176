import { LocalStackError } from '../errors.ts';
import type { Progress } from '../progress.ts';
import { cachedServer, fromApt } from './apt/from-apt.ts';
import { findEngine, localImage, pulledImage } from './container-engine.ts';
import { onPath, versionOf } from './on-path.ts';
import { readNatsInfo } from './server-info.ts';
import { isRecentEnough, NATS_MINIMUM } from './version.ts';

/** Where a NATS server comes from on this machine. */
export type NatsSource =
  | { readonly kind: 'url'; readonly url: string; readonly version: string }
  | { readonly kind: 'binary'; readonly path: string; readonly version: string }
  | { readonly kind: 'container'; readonly engine: string; readonly image: string };

export interface FindNatsOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Where a downloaded binary is kept: the ignored data folder. */
  readonly dataDirectory: string;
  readonly progress: Progress;
}

/**
 * In this order: `NATS_URL`; `nats-server` on PATH; a container engine; the system's package manager, into the data
 * folder. Nothing is pulled while a server that was downloaded earlier is at hand.
 * @throws {LocalStackError} `nats-address`, `nats-unreachable`, `nats-too-old`, `nats-without-jetstream` for a server that was named;
 * `nats-missing` otherwise.
 */
export async function findNats({ env, dataDirectory, progress }: FindNatsOptions): Promise<NatsSource> {
  const url = env['NATS_URL'];
  if (url) return await named(url);

  const reasons: string[] = [];
  const installed = await onPath(env);
  if (installed !== undefined && isRecentEnough(installed.version)) return { kind: 'binary', ...installed };
  reasons.push(installed ? `the one on PATH is ${installed.version}` : 'none is on PATH');

  const engine = await findEngine();
  const image = engine && (await localImage(engine));
  if (image) return { kind: 'container', ...image };

  const cached = await isServing(cachedServer(dataDirectory));
  if (cached !== undefined) return { kind: 'binary', path: cachedServer(dataDirectory), version: cached };

  if (engine) progress(`pulling a NATS image with ${engine}`);
  const pulled = engine && (await pulledImage(engine));
  if (pulled) return { kind: 'container', ...pulled };
  reasons.push(engine ? `${engine} has no NATS image and cannot pull one` : 'no container engine answers');

  const packaged = await fromApt({ directory: dataDirectory, env, progress, accepts: isServing });
  if ('path' in packaged) return { kind: 'binary', ...packaged };
  reasons.push(packaged.reason);
  throw new LocalStackError(
    'nats-missing',
    `No NATS server ${NATS_MINIMUM} or newer could be had (${reasons.join('; ')}): put nats-server on PATH, or set NATS_URL to a running server.`,
  );
}

/** A downloaded binary is used only if it runs on this system and is recent enough. */
async function isServing(path: string): Promise<string | undefined> {
  const version = await versionOf(path);
  return version !== undefined && isRecentEnough(version) ? version : undefined;
}

async function named(list: string): Promise<NatsSource> {
  for (const part of list.split(',')) {
    const { host, port } = addressOf(part.trim());
    const info = await readNatsInfo(host, port);
    if (info === undefined) continue;
    if (!isRecentEnough(info.version)) {
      throw new LocalStackError(
        'nats-too-old',
        `The NATS server of NATS_URL is ${info.version}, and ${NATS_MINIMUM} or newer is needed: update it, or unset NATS_URL to have one found.`,
      );
    }
    if (!info.jetstream) {
      throw new LocalStackError(
        'nats-without-jetstream',
        'The NATS server of NATS_URL runs without JetStream, which keeps the events: start it with --jetstream, or unset NATS_URL to have one found.',
      );
    }
    return { kind: 'url', url: list, version: info.version };
  }
  throw new LocalStackError(
    'nats-unreachable',
    'No NATS server answers at NATS_URL: start it, correct the address, or unset NATS_URL to have one found.',
  );
}

function addressOf(text: string): { host: string; port: number } {
  const url = URL.parse(text.includes('://') ? text : `nats://${text}`);
  // What is no address is not shown: it may hold a password.
  if (!url?.hostname) {
    throw new LocalStackError('nats-address', 'NATS_URL is no address such as nats://127.0.0.1:4222: correct it, or unset it to have a server found.');
  }
  // An IPv6 address stands in brackets.
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 4222) };
}
