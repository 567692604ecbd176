import { parseArgs } from 'node:util';

export interface Options {
  readonly help: boolean;
  /** Smaller runs to see that everything works; their figures say little. */
  readonly quick: boolean;
  /** Names of scenarios; empty: all. */
  readonly only: readonly string[];
  readonly seed: number;
  /** Write docs/benchmarks.md. */
  readonly write: boolean;
  /** Keep the data folder with the services' logs. */
  readonly keep: boolean;
  /** Write V8 profiles of the services and print what Postgres spent its time on. It costs about a fifth. */
  readonly profile: boolean;
}

const DEFAULT_SEED = 20_261_121;

/** @throws {RangeError} with one sentence that names the way out. */
export function parseOptions(args: readonly string[], scenarios: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      seed: { type: 'string', default: String(DEFAULT_SEED) },
      write: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
    },
  });
  const only = values.only.flatMap((names) => names.split(','));
  const unknown = only.filter((name) => !scenarios.includes(name));
  if (unknown.length > 0) throw new RangeError(`no such scenario: ${unknown.join(', ')}; there are ${scenarios.join(', ')}`);
  const seed = Number(values.seed);
  if (!Number.isSafeInteger(seed)) throw new RangeError(`--seed takes a whole number, not "${values.seed}"`);
  const { help, quick, write, keep, profile } = values;
  if (write && (quick || profile || only.length > 0)) {
    throw new RangeError('--write keeps a whole run: leave --quick, --profile and --only away');
  }
  return { help, quick, only, seed, write, keep: keep || profile, profile };
}
