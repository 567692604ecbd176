import { targetText, type Figure } from '../figure.ts';
import { formatValue, verdict } from './table.ts';

const HOW = `Written by \`npm run bench -- --write\`: a whole run, nothing chosen from several. Rates depend on the machine, so look at
the ratios first.

- The stack is a fresh one of its own: Postgres (one server, a schema and a role per service), NATS JetStream, the five
  services as one process each. Durability is on and asked for from the server itself, see below.
- Load comes over HTTP from a process of its own, signed as Standard Webhooks beforehand, on raw sockets; summaries go
  to another process. Both share the two cores with the system and are left out of its CPU and memory.
- The webhooks are seeded: repeats, duplicates under a new id, regrades, voids, in random order of arrival, so that a
  void can come before what it voids. Every summary that arrives last at the destination is compared with an oracle that
  shares no code with the services (BigInt millionths, whole history), its signature is verified, and no older revision
  may come after a newer one. One wrong summary fails the run.
- The ceiling is a bare Fastify that verifies the signature over the raw body and answers 202 without parsing or storing,
  measured in turn with ingest.
- Open loops measure from the instant at which a request was to be sent: a request that waits for its turn counts.
- Lessons: a school of 10,000 comes into being over HTTP (people, contracts, individual and group packages in eight zones)
  and is copied within scheduling's own tables until there are 1,000,000, all ahead, with every constraint on; a copy
  differs by ids and names only, two whole copies are compared with the API's rows, and tables are vacuumed and analysed.
  Months are those of people chosen evenly from all. Moves are negotiations from all over the school (60 % approved, 25 %
  countered and approved, 15 % declined, one in twenty a series); each command must be answered with success and be in the
  audit trail once. Of 10,000 deadlines of one instant half are offers that expire and half reminders; each must be
  carried out once, none before its instant. When idle, lessons end at instants 2.3 s apart and are watched over HTTP.
- CPU is utime + stime of the five services, all Postgres processes and NATS; memory is resident size, of Postgres the
  proportional set size (shared buffers counted once).`;

/** docs/benchmarks.md. */
export function benchmarksPage(run: {
  readonly day: string;
  readonly facts: readonly (readonly [string, string])[];
  readonly figures: readonly Figure[];
  readonly json: string;
}): string {
  const facts = run.facts.map(([what, value]) => `| ${what} | ${value} |`).join('\n');
  const figures = run.figures
    .map((figure) => `| ${figure.label} | ${formatValue(figure)} ${figure.unit} | ${targetText(figure.target)} | ${verdict(figure)} |`)
    .join('\n');
  return `# Benchmarks

${HOW}

## Where, ${run.day}

| | |
|---|---|
${facts}

## Figures

| figure | value | target | |
|---|---:|---:|---|
${figures}

\`\`\`json
${run.json}
\`\`\`
`;
}
