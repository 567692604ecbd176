import type { FastifySchemaCompiler, FastifySerializerCompiler } from 'fastify';
import type { z } from 'zod';
import { describeIssues } from './pointers.ts';
import { Problem } from './problem.ts';

/** Where a part of the request stands in a pointer. The body is the document itself, so it has no prefix. */
const PREFIXES: Readonly<Record<string, readonly string[]>> = { querystring: ['query'], params: ['path'], headers: ['headers'] };

/** Validates with Zod: a body that does not fit is 422, a parameter 400, both with the list of places. */
export const validatorCompiler: FastifySchemaCompiler<z.ZodType> = ({ schema, httpPart }) => {
  const prefix = PREFIXES[httpPart ?? ''];
  return (input: unknown) => {
    const result = schema.safeParse(input);
    if (result.success) return { value: result.data };
    return { error: prefix === undefined ? bodyProblem(result.error) : parameterProblem(result.error, prefix) };
  };
};

/**
 * Writes an answer through its schema: a field that the schema does not name is not told. An answer that does not fit
 * is a bug of the handler. No schema of an answer transforms, so parsing is what encoding would be, in two thirds of the time.
 */
export const serializerCompiler: FastifySerializerCompiler<z.ZodType> = ({ schema }) => {
  return (answer: unknown) => JSON.stringify(schema.parse(answer));
};

/** 422 `body-invalid`: the body is JSON and not what the endpoint takes. */
export function bodyProblem(error: z.core.$ZodError): Problem {
  return new Problem({ status: 422, code: 'body-invalid', title: 'The body does not fit the schema.', errors: describeIssues(error) });
}

function parameterProblem(error: z.core.$ZodError, prefix: readonly string[]): Problem {
  const errors = describeIssues(error, prefix);
  return new Problem({ status: 400, code: 'parameter-invalid', title: 'A parameter is not valid.', errors });
}
