import { z } from 'zod';

/** JSON Schema of a Zod schema, as draft 7 calls it: what AsyncAPI 3 takes by default. */
export function jsonSchema(schema: z.ZodType): object {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { target: 'draft-7', io: 'input', unrepresentable: 'any' });
  return rest;
}

/** A key for a subject or a type: AsyncAPI allows no dots in keys of its maps. */
export const keyOf = (name: string): string => name.replaceAll(/[^A-Za-z0-9]+/g, '-');
