import type { Log } from '../log.ts';
import { ConfigurationError } from './error.ts';
import { prepareConfiguration, type Prepare } from './load.ts';

/** The configuration that is in force. Read `current()` each time: a reload replaces it. */
export interface LiveConfiguration<Prepared> {
  current(): Prepared;
  /** What SIGHUP does. True when the new configuration is in force, false when it was refused. */
  reload(): Promise<boolean>;
  /** Be told of every reload from now on. */
  listen(listener: ReloadListener<Prepared>): void;
  /** Stop listening to SIGHUP. */
  close(): void;
}

/** Who wants to know what became of a reload. What it throws is logged and stops nothing. */
export interface ReloadListener<Prepared> {
  /** A new configuration is in force. */
  applied?(current: Prepared): void | Promise<void>;
  /** The new file is wrong and the old configuration stays. */
  refused?(error: ConfigurationError): void | Promise<void>;
}

export interface WatchOptions<Prepared> {
  readonly path: string;
  readonly prepare: Prepare<Prepared>;
  readonly log: Log;
}

/**
 * Load the configuration, then load it again on every SIGHUP: validated as a whole, then swapped in one step.
 * @throws {ConfigurationError} only at the start; afterwards a wrong file changes nothing.
 */
export async function watchConfiguration<Prepared>(options: WatchOptions<Prepared>): Promise<LiveConfiguration<Prepared>> {
  const { path, prepare, log } = options;
  const listeners: ReloadListener<Prepared>[] = [];
  let current = await prepareConfiguration(path, prepare);
  let last: Promise<boolean> = Promise.resolve(true);

  async function reloadOnce(): Promise<boolean> {
    try {
      current = await prepareConfiguration(path, prepare);
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      log.error({ problems: error.problems, path }, 'new configuration refused, the old one stays');
      await tell((listener) => listener.refused?.(error));
      return false;
    }
    log.info({ path }, 'new configuration in force');
    await tell((listener) => listener.applied?.(current));
    return true;
  }
  async function tell(about: (listener: ReloadListener<Prepared>) => void | Promise<void>): Promise<void> {
    for (const listener of listeners) {
      try {
        await about(listener);
      } catch (err) {
        log.error({ err, path }, 'what follows a reload failed');
      }
    }
  }
  // One after the other: two reloads at once could end with the older file in force.
  const reload = (): Promise<boolean> => (last = last.catch(() => false).then(reloadOnce));
  const onSignal = (): void => {
    reload().catch((err: unknown) => log.error({ err, path }, 'reload failed'));
  };
  process.on('SIGHUP', onSignal);
  return {
    current: () => current,
    reload,
    listen: (listener) => void listeners.push(listener),
    close: () => void process.off('SIGHUP', onSignal),
  };
}
