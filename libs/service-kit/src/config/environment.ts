import { DEFAULT_PORTS, type ServiceName } from '@schoolbell/contracts';
import { z } from 'zod';
import { describeIssues } from '../http/pointers.ts';
import { ConfigurationError } from './error.ts';

type Shape = Readonly<Record<string, z.ZodType>>;

/** One environment variable, for the generated documentation. */
export interface EnvironmentVariable {
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
  /** As text; absent when there is none. */
  readonly default?: string;
}

/** The environment variables of a process: declared once, read once, documented from the same declaration. */
export interface Environment<Values> {
  /** @throws {ConfigurationError} that names every variable that is wrong. Empty counts as not set. */
  parse(env: Readonly<Record<string, string | undefined>>): Readonly<Values>;
  readonly variables: readonly EnvironmentVariable[];
}

/** Declare environment variables. Each schema needs a description: `z.string().describe('…')`. */
export function defineEnvironment<const S extends Shape>(shape: S): Environment<z.infer<z.ZodObject<S>>> {
  const schema = z.object(shape);
  const variables = Object.entries(shape).map(([name, part]) => describeVariable(name, part));
  return {
    variables,
    parse(env) {
      const set = Object.fromEntries(Object.keys(shape).flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
      const parsed = schema.safeParse(set);
      if (parsed.success) return Object.freeze(parsed.data);
      const problems = describeIssues(parsed.error).map(({ pointer, detail }) => ({ pointer: pointer.slice(1), detail }));
      throw new ConfigurationError('environment-invalid', 'the environment', problems);
    },
  };
}

function describeVariable(name: string, schema: z.ZodType): EnvironmentVariable {
  const { description } = schema;
  if (description === undefined) throw new TypeError(`the environment variable ${name} has no description`);
  const absent = schema.safeParse(undefined);
  const value = absent.success && absent.data !== undefined ? { default: String(absent.data) } : {};
  return { name, description, required: !absent.success, ...value };
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** What every service takes from its environment. Spread it into `defineEnvironment`. */
export const commonEnvironment = (service: ServiceName) =>
  ({
    DATABASE_URL: z
      .string()
      .regex(/^postgres(ql)?:\/\//, 'must begin with postgresql://')
      .describe(`Postgres with the role \`${service}\`, which owns the schema \`${service}\`: postgresql://${service}:password@host:5432/schoolbell`),
    NATS_URL: z.string().default('nats://127.0.0.1:4222').describe('NATS server with JetStream, 2.10.23 or newer; several separated by commas. With user and password, if it asks for them: nats://user:password@host:4222'),
    HOST: z.string().default('127.0.0.1').describe('Address to listen on; 0.0.0.0 in a container'),
    PORT: z.coerce.number().int().min(0).max(65_535).default(DEFAULT_PORTS[service]).describe('Port to listen on'),
    LOG_LEVEL: z.enum(LOG_LEVELS).default('info').describe('Least severity that is written'),
    SCHOOLBELL_CONFIG: z.string().describe('Path of the configuration file (JSON); it is read again on SIGHUP'),
  }) as const;
