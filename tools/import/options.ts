import { parseArgs } from 'node:util';
import { DEFAULT_PORTS } from '@schoolbell/contracts';
import { ImportError } from './error.ts';

export const HELP = `npm run import -- FILE [OPTIONS]
npm run import -- --compare FILE --destination ID [OPTIONS]

Takes over a history of results: one JSON object per line, either a webhook as the platform would have sent it
({"type", "timestamp", "data"}) or the data of a completed attempt alone. Bad lines are reported with their numbers, left
out, and written to FILE.rejected.ndjson. A run that was interrupted goes on where it was, unless the size of the file has
changed; repeating lines changes nothing.

  --organization ID   organization of lines that name none
  --dry-run           only check the lines; nothing is stored. Bad lines go to FILE.dry-run.rejected.ndjson
  --restart           begin at the first line, whatever an earlier run has done
  --url URL           address of results (of delivery with --compare)
                      default http://127.0.0.1:${DEFAULT_PORTS.results}, http://127.0.0.1:${DEFAULT_PORTS.delivery}

  --compare           compare what a destination would get with what the old system has: lines of
                      {"learnerId", "expected"}, where expected is any part of the message, such as
                      {"data":{"totals":{"score":170,"maxScore":200}}}. Differences go to FILE.differences.ndjson
  --destination ID    the destination to compare with

Environment: SCHOOLBELL_TOKEN, a bearer token with the scope results:import (results:read for --compare).
Exit code: 0 all lines were taken (all are equal), 1 some were not, 2 it could not work.`;

export type Options =
  | { readonly kind: 'help' }
  | ({ readonly kind: 'import'; readonly organizationId: string | undefined; readonly dryRun: boolean; readonly restart: boolean } & Common)
  | ({ readonly kind: 'compare'; readonly destinationId: string } & Common);

interface Common {
  readonly file: string;
  readonly url: string;
  readonly token: string;
}

export function parseOptions(args: readonly string[], env: Readonly<Record<string, string | undefined>>): Options {
  const { values, positionals } = parse(args);
  if (values.help) return { kind: 'help' };
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw new ImportError('usage', 'Name one FILE. `npm run import -- --help` shows how.');
  const token = env['SCHOOLBELL_TOKEN'];
  if (token === undefined || token === '') {
    throw new ImportError('usage', 'Set SCHOOLBELL_TOKEN to a bearer token of the configuration; `npm start` prints one for this machine.');
  }
  const service = values.compare ? 'delivery' : 'results';
  const common = { file, token, url: (values.url ?? `http://127.0.0.1:${DEFAULT_PORTS[service]}`).replace(/\/$/, '') };
  if (!values.compare) {
    return { kind: 'import', organizationId: values.organization, dryRun: values['dry-run'], restart: values.restart, ...common };
  }
  if (values.destination === undefined) throw new ImportError('usage', 'Say with --destination ID which destination to compare with.');
  return { kind: 'compare', destinationId: values.destination, ...common };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', default: false },
        'dry-run': { type: 'boolean', default: false },
        restart: { type: 'boolean', default: false },
        compare: { type: 'boolean', default: false },
        organization: { type: 'string' },
        destination: { type: 'string' },
        url: { type: 'string' },
      },
    });
  } catch (cause) {
    throw new ImportError('usage', `${(cause as Error).message} \`npm run import -- --help\` shows what there is.`, { cause });
  }
}
