import type { BenchContext, Scenario } from './context.ts';
import type { Figure } from './figure.ts';
import { startGenerator } from './generator/generator.ts';
import type { Options } from './options.ts';

export interface Outcome {
  readonly figures: readonly Figure[];
  /** What the scenarios told about the system under test. */
  readonly notes: ReadonlyMap<string, string>;
  /** Scenarios that could not be measured, and why. */
  readonly failures: readonly { readonly scenario: string; readonly error: unknown }[];
}

type Cleanup = () => Promise<void>;

/** One scenario after the other, each with a generator of its own; a failed one does not keep the rest from running. */
export async function runScenarios(
  scenarios: readonly Scenario[],
  options: Options,
  progress: (line: string) => void,
): Promise<Outcome> {
  const figures: Figure[] = [];
  const failures: { scenario: string; error: unknown }[] = [];
  const notes = new Map<string, string>();
  const group: Group = { cleanups: [], thing: undefined };
  const clean = async (cleanups: Cleanup[]): Promise<void> => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup().catch((error: unknown) => progress(`  cleanup: ${String(error)}`));
  };
  for (const [index, scenario] of scenarios.entries()) {
    progress(`${scenario.name}: ${scenario.summary}`);
    const cleanups: Cleanup[] = [];
    const context = createContext(options, { cleanups, group, notes, progress: (line) => progress(`  ${line}`) });
    try {
      figures.push(...(await scenario.run(context)));
    } catch (error) {
      failures.push({ scenario: scenario.name, error });
      progress(`  FAILED: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    } finally {
      await clean(cleanups);
      if (scenario.group === undefined || scenarios[index + 1]?.group !== scenario.group) {
        await clean(group.cleanups);
        group.thing = undefined;
      }
    }
  }
  return { figures, failures, notes };
}

/** What the scenarios of a group share. */
interface Group {
  readonly cleanups: Cleanup[];
  thing: Promise<unknown> | undefined;
}

function createContext(
  options: Options,
  { cleanups, group, notes, progress }: { cleanups: Cleanup[]; group: Group; notes: Map<string, string>; progress: (line: string) => void },
): BenchContext {
  const generator = startGenerator();
  let learners = 0;
  const context: BenchContext = {
    quick: options.quick,
    seed: options.seed,
    keep: options.keep,
    profile: options.profile,
    generator,
    claimLearners: (count) => (learners += count) - count,
    progress,
    note: (what, value) => {
      if (notes.get(what) !== value) progress(`${what}: ${value}`);
      notes.set(what, value);
    },
    defer: (cleanup) => void cleanups.push(cleanup),
    shared: <Thing>(make: (context: BenchContext) => Promise<Thing>) =>
      (group.thing ??= make({ ...context, defer: (cleanup) => void group.cleanups.push(cleanup) })) as Promise<Thing>,
  };
  context.defer(() => generator.stop());
  return context;
}
