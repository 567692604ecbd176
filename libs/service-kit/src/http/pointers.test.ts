import { expect, test } from 'vitest';
import { z } from 'zod';
import { describeIssues, jsonPointer } from './pointers.ts';

const issues = (schema: z.ZodType, input: unknown) => describeIssues(schema.safeParse(input).error!);

test('escapes pointers as RFC 6901 says', () => {
  expect(jsonPointer(['a/b', 'c~d', 0])).toBe('/a~1b/c~0d/0');
  expect(jsonPointer([])).toBe('');
});

test('names unknown keys one by one', () => {
  expect(issues(z.strictObject({ a: z.object({}) }), { a: {}, b: 1, c: 2 })).toEqual([
    { pointer: '/b', detail: 'is not known here' },
    { pointer: '/c', detail: 'is not known here' },
  ]);
});

test('of a union, tells what is wrong with the shape that was meant', () => {
  const Reference = z.union([z.strictObject({ env: z.string().regex(/^[A-Z]+$/, 'upper case') }), z.strictObject({ file: z.string() })]);
  expect(issues(z.object({ secret: Reference }), { secret: { env: 'lower' } })).toEqual([{ pointer: '/secret/env', detail: 'upper case' }]);
});

test('an unknown kind of a discriminated union is one problem', () => {
  const Kind = z.discriminatedUnion('type', [z.object({ type: z.literal('a') }), z.object({ type: z.literal('b') })]);
  expect(issues(Kind, { type: 'c' })).toEqual([{ pointer: '/type', detail: expect.stringContaining('Invalid') }]);
});

test('a long list of problems is cut', () => {
  expect(issues(z.array(z.int()), Array.from({ length: 1000 }, () => 'x'))).toHaveLength(50);
});
