import { systemClock } from '@schoolbell/time';
import { serveCommands } from '../processes/serve.ts';
import { planWebhooks, type WorkloadSpec } from '../workload/index.ts';
import { runLoad, type LoadOptions, type LoadResult } from './load.ts';
import { negotiate, type NegotiateOptions, type NegotiateResult } from './negotiate.ts';
import { signRequests, writeRequests, type PlannedRequest, type SignedRequests } from './requests.ts';

let requests: SignedRequests | undefined;

/** What the generator can be asked. */
export type GeneratorCommands = {
  /** Plan and sign a workload. Signatures are good for five minutes: do it right before sending. */
  prepare(workload: WorkloadSpec, target: { url: string; secret: string }): number;
  prepareRequests(planned: readonly PlannedRequest[], url: string): number;
  load(options: LoadOptions): Promise<LoadResult>;
  negotiate(options: NegotiateOptions): Promise<NegotiateResult>;
};

const commands: GeneratorCommands = {
  prepare(workload, target) {
    requests = signRequests(planWebhooks(workload), { ...target, nowMs: systemClock.now() });
    return requests.count;
  },
  prepareRequests(planned, url) {
    requests = writeRequests(planned, url);
    return requests.count;
  },
  negotiate,
  load(options) {
    if (requests === undefined) throw new Error('prepare a workload first');
    return runLoad(requests, options);
  },
};

serveCommands(commands);
