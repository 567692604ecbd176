import { expect, test } from 'vitest';
import { z } from 'zod';
import { keyRows, type JsonSchema } from './keys.ts';

const Secret = z.union([z.strictObject({ env: z.string() }), z.strictObject({ file: z.string() })]);
const rows = (schema: z.ZodType) => keyRows(z.toJSONSchema(schema, { io: 'input' }) as JsonSchema);

test('tells key, type, default and meaning, depth first', () => {
  const schema = z.strictObject({
    chats: z.array(z.strictObject({ name: z.string().describe('For people') })).default([]),
    limit: z.int().min(1).max(9).default(3),
    token: Secret.optional().describe('The token'),
    headers: z.record(z.string(), Secret).default({}),
    mode: z.enum(['a', 'b']),
  });
  expect(rows(schema)).toEqual([
    ['`chats`', 'list of object', '`[]`', ''],
    ['`chats[].name`', 'string', 'required', 'For people'],
    ['`limit`', 'integer 1 to 9', '`3`', ''],
    ['`token`', 'secret reference', 'none', 'The token'],
    ['`headers`', 'object of secret reference', '`{}`', ''],
    ['`mode`', '`"a"`, `"b"`', 'required', ''],
  ]);
});

test('of a union, says which shape has a key', () => {
  const schema = z.strictObject({
    login: z.discriminatedUnion('by', [
      z.strictObject({ by: z.literal('name'), name: z.string().describe('Who'), secret: Secret }),
      z.strictObject({ by: z.literal('key'), secret: Secret }),
    ]),
  });
  expect(rows(schema)).toEqual([
    ['`login`', 'object', 'required', ''],
    ['`login.by`', '`"name"`, `"key"`', 'required', ''],
    ['`login.name`', 'string', 'required', 'Only with `"name"`. Who'],
    ['`login.secret`', 'secret reference', 'required', ''],
  ]);
});
