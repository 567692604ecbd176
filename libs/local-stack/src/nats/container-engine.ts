import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { isRecentEnough, parseVersion } from './version.ts';

const run = promisify(execFile);
const ENGINES = ['docker', 'podman'];
const ANSWER_TIMEOUT_MS = 10_000;
const PULL_TIMEOUT_MS = 120_000;

/** Pulled when none is at hand. */
const IMAGE = 'nats:2.12-alpine';
/** Taken when at hand, and new enough. */
const KNOWN_IMAGES = [IMAGE, 'nats:2.12', 'nats:2-alpine', 'nats:2', 'nats:alpine', 'nats:latest'];

export interface ContainerImage {
  readonly engine: string;
  readonly image: string;
}

/** The first engine that answers (a client without its engine does not count). */
export async function findEngine(): Promise<string | undefined> {
  for (const engine of ENGINES) {
    const format = engine === 'docker' ? '{{.Server.Version}}' : '{{.Client.Version}}';
    if (await succeeds(engine, ['version', '--format', format])) return engine;
  }
  return undefined;
}

/** An image that the engine has already. */
export async function localImage(engine: string): Promise<ContainerImage | undefined> {
  for (const image of KNOWN_IMAGES) {
    if ((await succeeds(engine, ['image', 'inspect', image])) && (await isServing(engine, image))) return { engine, image };
  }
  return undefined;
}

/** Pull the image; undefined when the engine cannot. */
export async function pulledImage(engine: string): Promise<ContainerImage | undefined> {
  const pulled = await succeeds(engine, ['pull', '--quiet', IMAGE], PULL_TIMEOUT_MS);
  return pulled && (await isServing(engine, IMAGE)) ? { engine, image: IMAGE } : undefined;
}

async function isServing(engine: string, image: string): Promise<boolean> {
  try {
    const { stdout } = await run(engine, ['run', '--rm', '--network', 'none', image, '-v'], { timeout: ANSWER_TIMEOUT_MS });
    return isRecentEnough(parseVersion(stdout) ?? '0.0.0');
  } catch {
    return false;
  }
}

async function succeeds(command: string, args: readonly string[], timeout = ANSWER_TIMEOUT_MS): Promise<boolean> {
  try {
    await run(command, args, { timeout });
    return true;
  } catch {
    return false;
  }
}
