import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatInstant, systemClock } from '@schoolbell/time';
import { reaches } from './figure.ts';
import { dataFolder } from './folder.ts';
import { parseOptions, type Options } from './options.ts';
import { describeMachine } from './report/machine.ts';
import { benchmarksPage } from './report/markdown.ts';
import { figureTable } from './report/table.ts';
import { runScenarios } from './run.ts';
import { SCENARIOS } from './scenarios/index.ts';

const PAGE = join(import.meta.dirname, '../../docs/benchmarks.md');
const HELP = `npm run bench [-- OPTIONS]

Starts its own stack with durable databases, drives it with signed webhooks and with moves of lessons, checks every summary
and every move, and prints a table and one line of JSON. Exit code 1 when a figure misses its target.

  --only NAME[,NAME]  run only these scenarios
  --quick             small runs, to see that everything works; the figures say little
  --seed NUMBER       of the webhooks' contents and order
  --write             write docs/benchmarks.md (whole runs only)
  --keep              keep the data folder with the services' logs
  --profile           write V8 profiles of the services there, and print the statements that Postgres spent its time on

BENCH_DATA names the folder for databases and logs, to measure on another disk; default: the project's data folder.

Scenarios:
${SCENARIOS.map(({ name, summary }) => `  ${name.padEnd(20)} ${summary}`).join('\n')}`;

const options = readOptions();
if (options.help) console.log(HELP);
else await main();

async function main(): Promise<void> {
  const chosen = SCENARIOS.filter(({ name }) => options.only.length === 0 || options.only.includes(name));
  const machine = await describeMachine(dataFolder());
  console.log(machine.map(([what, value]) => `${what}: ${value}`).join('\n'));
  const { figures, failures, notes } = await runScenarios(chosen, options, console.log);
  const missed = figures.filter((figure) => !reaches(figure)).map(({ name }) => name);
  const failed = failures.map(({ scenario }) => scenario);
  const values = Object.fromEntries(figures.map(({ name, value }) => [name, Number(value.toPrecision(6))]));
  const json = JSON.stringify({ quick: options.quick, seed: options.seed, figures: values, missed, failed });
  if (figures.length > 0) console.log(`\n${figureTable(figures)}\n`);
  console.log(json);
  if (options.write && failed.length === 0) {
    const day = formatInstant(systemClock.now()).slice(0, 10);
    writeFileSync(PAGE, benchmarksPage({ day, facts: [...machine, ...notes], figures, json }));
  }
  process.exitCode = missed.length + failed.length === 0 ? 0 : 1;
}

function readOptions(): Options {
  try {
    return parseOptions(process.argv.slice(2), SCENARIOS.map(({ name }) => name));
  } catch (error) {
    console.error((error as Error).message);
    process.exit(2);
  }
}
