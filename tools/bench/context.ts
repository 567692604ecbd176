import type { Figure } from './figure.ts';
import type { Generator } from './generator/generator.ts';

/** What a scenario gets. */
export interface BenchContext {
  readonly quick: boolean;
  readonly seed: number;
  /** Leave data and logs behind. */
  readonly keep: boolean;
  readonly generator: Generator;
  /** Numbers of learners that no workload had before: the first of `count`. */
  claimLearners(count: number): number;
  /** Find out where the time goes. */
  readonly profile: boolean;
  /** One line of progress. */
  progress(line: string): void;
  /** Something about the system under test that belongs beside the figures, such as a version. */
  note(what: string, value: string): void;
  /** Run at the end of the scenario, last first, whether it failed or not. */
  defer(cleanup: () => Promise<void>): void;
  /** What is costly to make and is used by all scenarios of a group: made for the first, gone after the last. */
  shared<Thing>(make: (context: BenchContext) => Promise<Thing>): Promise<Thing>;
}

export interface Scenario {
  readonly name: string;
  /** One sentence for `--help`. */
  readonly summary: string;
  /** Scenarios that follow each other and share what one of them made. */
  readonly group?: string;
  run(context: BenchContext): Promise<Figure[]>;
}
