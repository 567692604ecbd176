import { readFile, stat } from 'node:fs/promises';
import { ConfigurationFile, crossCheck, type ConfigurationProblem } from '@schoolbell/contracts';
import { describeIssues } from '../http/pointers.ts';
import { ConfigurationError } from './error.ts';
import { deepFreeze, type DeepReadonly } from './freeze.ts';

const CONFIGURATION_LIMIT_BYTES = 32 * 1024 * 1024;

/** The configuration file: complete with its defaults, checked, frozen. */
export type Configuration = DeepReadonly<ConfigurationFile>;

/**
 * Runs one step of preparing; what it throws becomes a problem at the pointer, so that all problems are told at once.
 * Returns undefined where the step failed: the whole is refused then.
 */
export type Attempt = <Value>(pointer: string, step: () => Value) => Value | undefined;

/**
 * What a service makes of the configuration: resolved secrets, compiled transforms, look-up tables. Only what went
 * through without a problem is used.
 */
export type Prepare<Prepared> = (configuration: Configuration, attempt: Attempt) => Prepared;

/**
 * Read and check the configuration file.
 * @throws {ConfigurationError} with every problem: of the JSON, of the schema, or between its parts.
 */
export async function loadConfiguration(path: string): Promise<Configuration> {
  return parseConfiguration(await read(path), subjectOf(path));
}

/** Check the text of a configuration file. `subject` names it in errors. */
export function parseConfiguration(text: string, subject: string): Configuration {
  const parsed = ConfigurationFile.safeParse(parseJson(text, subject));
  if (!parsed.success) throw new ConfigurationError('configuration-invalid', subject, describeIssues(parsed.error));
  const problems = crossCheck(parsed.data);
  if (problems.length > 0) throw new ConfigurationError('configuration-invalid', subject, problems);
  return deepFreeze(parsed.data) as Configuration;
}

/** Load the configuration and let the service prepare itself. @throws {ConfigurationError} with every problem. */
export async function prepareConfiguration<Prepared>(path: string, prepare: Prepare<Prepared>): Promise<Prepared> {
  const configuration = await loadConfiguration(path);
  const problems: ConfigurationProblem[] = [];
  const prepared = prepare(configuration, (pointer, step) => {
    try {
      return step();
    } catch (error) {
      problems.push({ pointer, detail: error instanceof Error ? error.message : String(error) });
      return undefined;
    }
  });
  if (problems.length > 0) throw new ConfigurationError('configuration-invalid', subjectOf(path), problems);
  return prepared;
}

const subjectOf = (path: string): string => `the configuration ${path}`;

async function read(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > CONFIGURATION_LIMIT_BYTES) throw new RangeError(`it is larger than ${CONFIGURATION_LIMIT_BYTES} bytes`);
    return await readFile(path, 'utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file; SCHOOLBELL_CONFIG must name one' : message;
    throw new ConfigurationError('configuration-unreadable', subjectOf(path), [{ pointer: '', detail: why }], { cause });
  }
}

function parseJson(text: string, subject: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new ConfigurationError('configuration-invalid', subject, [{ pointer: '', detail: `is not JSON: ${(cause as Error).message}` }], { cause });
  }
}
