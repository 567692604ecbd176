import { join } from 'node:path';
import { dataDirectory } from '../paths.ts';

/**
 * How Node runs a service. Half of the default young generation takes some 20 MB less and costs no measurable time;
 * the cache of stripped and compiled sources takes 20 MB less again and starts 0.3 s sooner. A limit on the old
 * generation, far above the 35 MB that live, makes V8 collect it sooner: ingest under load went from 172 to 138 MB.
 * One thread collects: helpers have to be given a core before the service goes on, and where five services share two
 * cores that halved the p99 of the whole path at 400 webhooks a second (122 and 65 ms). It takes some 10 MB more for each
 * service; one arena of glibc's, instead of one for each thread, gives them back (the whole system: 844 MB with helpers,
 * 908 with one thread, 857 with one thread and one arena). The young generation is collected while the old one is marked, as V8
 * did for a decade: by its new default it waits, and what a service allocates meanwhile, 40 MB in 0.4 s, is promoted and then
 * collected in one pause of 36 ms instead of 4 to 10. V8 does not choose by itself what is old when it is made (ADR 0013): what it
 * chose was a request's, and from then on ingest took two thirds more CPU, or did not, from one start to the next. A collection
 * after some quiet seconds keeps what compiled code rests on (ADR 0015): without it the next burst compiled everything anew.
 */
export const serviceRuntime: { readonly nodeArguments: readonly string[]; readonly env: Readonly<Record<string, string>> } = {
  nodeArguments: [
    '--max-semi-space-size=8',
    '--max-old-space-size=256',
    '--single-threaded-gc',
    '--no-separate-gc-phases',
    '--no-allocation-site-pretenuring',
    '--no-memory-reducer-favors-memory',
  ],
  env: { MALLOC_ARENA_MAX: '1', NODE_COMPILE_CACHE: join(dataDirectory, 'compile-cache') },
};
