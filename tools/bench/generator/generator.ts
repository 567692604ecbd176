import { fileURLToPath } from 'node:url';
import { startChild } from '../processes/child.ts';
import type { WorkloadSpec } from '../workload/index.ts';
import type { LoadOptions, LoadResult } from './load.ts';
import type { NegotiateOptions, NegotiateResult } from './negotiate.ts';
import type { GeneratorCommands } from './process.ts';
import type { PlannedRequest } from './requests.ts';

/** The generator process, seen from the bench. */
export interface Generator {
  prepare(workload: WorkloadSpec, target: { url: string; secret: string }): Promise<number>;
  prepareRequests(planned: readonly PlannedRequest[], url: string): Promise<number>;
  /** @throws when one answer was not of the status (default 202): nothing that is measured then is worth anything. */
  load(options: LoadOptions, status?: number): Promise<LoadResult>;
  /** @throws when a command was answered with a refusal. */
  negotiate(options: NegotiateOptions): Promise<NegotiateResult>;
  stop(): Promise<void>;
}

export function startGenerator(): Generator {
  const child = startChild<GeneratorCommands>(fileURLToPath(new URL('process.ts', import.meta.url)));
  return {
    prepare: (workload, target) => child.call('prepare', workload, target),
    prepareRequests: (planned, url) => child.call('prepareRequests', planned, url),
    async load(options, status = 202) {
      const result = await child.call('load', options);
      if (result.statuses[status] !== options.to - options.from) {
        throw new Error(`not every request was answered ${status}: ${JSON.stringify(result.statuses)}`);
      }
      return result;
    },
    negotiate: (options) => child.call('negotiate', options),
    stop: () => child.stop(),
  };
}

/** Answers per second over the whole load. */
export const ratePerSecond = ({ startedMs, endedMs, answeredMs }: Pick<LoadResult, 'startedMs' | 'endedMs' | 'answeredMs'>): number =>
  (1000 * answeredMs.length) / (endedMs - startedMs);
