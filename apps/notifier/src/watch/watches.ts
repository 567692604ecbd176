import type { AlertData } from '@schoolbell/contracts';
import type { Log, Metrics, Periodic } from '@schoolbell/service-kit';
import type { Clock } from '@schoolbell/time';
import { Gauge } from 'prom-client';
import { createWatch, type Watched } from './watch.ts';

/** All that the notifier looks at itself; the list changes with the configuration. */
export interface Watches {
  /** Begins to watch what is new and ends what is no longer there. */
  set(watched: readonly Watched[]): Promise<void>;
  stop(): Promise<void>;
}

export function createWatches(deps: { report: (alert: AlertData) => void; clock: Clock; log: Log; metrics: Metrics }): Watches {
  const { report, clock, log } = deps;
  const up = new Gauge({ name: 'notifier_watch_up', help: '1 while what the notifier watches answered its last probe.', labelNames: ['watch'], registers: [deps.metrics.registry] });
  const seen = (watch: string, well: boolean): void => up.set({ watch }, well ? 1 : 0);
  const running = new Map<string, Periodic>();

  async function set(watched: readonly Watched[]): Promise<void> {
    const wanted = new Map(watched.map((one) => [one.name, one]));
    const ended = [...running].filter(([name]) => !wanted.has(name));
    for (const [name] of ended) running.delete(name);
    for (const [name, one] of wanted) {
      if (running.has(name)) continue;
      const watch = createWatch({ watched: one, report, seen, clock, log });
      running.set(name, watch);
      watch.start();
    }
    await Promise.all(ended.map(([, watch]) => watch.stop()));
    for (const [watch] of ended) up.remove({ watch });
  }

  return { set, stop: () => set([]) };
}
