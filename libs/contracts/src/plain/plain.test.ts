// The first look may never say anything that the schema does not: compared over valid, odd and mutated values.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Envelope } from '../envelope.ts';
import { ResultData, VoidData } from '../events/ingest.ts';
import { SummaryUpdatedData } from '../events/results.ts';
import { PlatformWebhook } from '../webhook.ts';
import { readPlainEnvelope, readPlainResult, readPlainSummary, readPlainVoid } from './events.ts';
import { readPlainWebhook } from './webhook.ts';

const plainId = fc.stringMatching(/^[A-Za-z0-9_.:~-]{1,20}$/);
const plainScore = fc.oneof(fc.integer({ min: 0, max: 999_999_999 }), fc.integer({ min: 0, max: 1e9 }).map((millionths) => millionths / 1e6));
const plainInstant = fc.date({ min: new Date('1990-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }).map((date) => date.toISOString().replace('-02-29T', '-02-28T'));
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

const attempt = fc
  .record({
    attemptId: plainId, learnerId: plainId, courseId: plainId, testId: plainId,
    scores: fc.tuple(plainScore, plainScore.filter((score) => score > 0)),
    passed: optional(fc.boolean()), completedAt: plainInstant, startedAt: optional(plainInstant), kind: optional(plainId),
  })
  .map(({ scores: [a, b], ...rest }) => ({ ...rest, score: Math.min(a, b), maxScore: Math.max(a, b) }));
const origin = fc.record({ source: fc.constant('platform'), webhookId: plainId, organizationId: plainId, timestamp: plainInstant });
const webhook = fc.oneof(
  fc.record({
    type: fc.constantFrom('test.completed', 'test.regraded'), timestamp: plainInstant,
    data: fc.tuple(attempt, fc.record({ organizationId: optional(plainId) })).map(merged),
  }),
  fc.record({ type: fc.constant('test.voided'), timestamp: plainInstant, data: fc.record({ attemptId: plainId, organizationId: optional(plainId) }) }),
);
const envelope = fc.record({
  specversion: fc.constant('1.0'), id: plainId, source: plainId, type: plainId, subject: optional(fc.string()), time: plainInstant,
  datacontenttype: optional(fc.constant('application/json')), traceparent: optional(plainId), causationid: optional(plainId), data: fc.object(),
});

function merged<A extends object, B extends object>([a, b]: [A, B]): A & B {
  return { ...a, ...b };
}

/** What stands at the borders of the rules, and beyond them. */
const odd = fc.oneof(
  fc.constantFrom(
    '', ' ', ' a', 'a ', 'a@b', 'ü', '\u0000', '\u0085', '\ud800', 'a'.repeat(64), 'a'.repeat(65), 'a'.repeat(128), 'a'.repeat(129), 'a'.repeat(201), 'a'.repeat(401),
    -1, -0, 0, 1, 0.1 + 0.2, 1e-6, 1e-7, 123.4567891, 999_999_999, 999_999_999.5, 1e9, 1e21, NaN, Infinity, null, true, [], {}, ['a'], '1', '1.0', 'application/json',
    '2026-02-29T00:00:00Z', '2028-02-29T00:00:00Z', '2026-04-31T00:00:00Z', '2026-12-31T23:59:59.999999999Z', '2026-12-31T24:00:00Z', '2026-12-31T23:59:60Z',
    '2026-11-21T05:30:00+02:00', '2026-11-21T05:30:00', '2026-11-21 05:30:00Z', '2026-11-21T05:30Z', '2026-11-21T05:30:00z', '2026-13-01T00:00:00Z', '0000-01-01T00:00:00Z',
    'test.completed', 'test.voided', 'test.unknown', 'platform', '-platform', 'Platform',
  ),
  fc.string({ unit: 'binary' }), fc.double(), fc.jsonValue(),
);
/** One member of the value, or of its `data`, is another one, missing, or one too many. */
const mutated = (value: fc.Arbitrary<object>): fc.Arbitrary<unknown> =>
  fc.tuple(value, fc.nat(), fc.boolean(), fc.oneof(odd, fc.constant(undefined)), fc.constantFrom('', 'extra', '__proto__', 'organizationId', 'kind')).map(([whole, pick, inside, by, added]) => {
    const copy = structuredClone(whole) as Record<string, unknown>;
    const target = inside && typeof copy['data'] === 'object' && copy['data'] !== null ? (copy['data'] as Record<string, unknown>) : copy;
    const names = Object.keys(target);
    const name = added === '' ? names[pick % names.length]! : added;
    if (by === undefined) delete target[name];
    else Object.defineProperty(target, name, { value: by, enumerable: true, configurable: true, writable: true });
    return copy;
  });

/** As JSON says it: without members that are undefined. Everything that is read has come as JSON. */
const onTheWire = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown;

const cases = [
  { name: 'PlatformWebhook', schema: PlatformWebhook, read: readPlainWebhook, valid: webhook },
  { name: 'ResultData', schema: ResultData, read: readPlainResult, valid: fc.tuple(attempt, origin).map(merged) },
  { name: 'VoidData', schema: VoidData, read: readPlainVoid, valid: fc.tuple(fc.record({ attemptId: plainId }), origin).map(merged) },
  { name: 'Envelope', schema: Envelope, read: readPlainEnvelope, valid: envelope },
  {
    name: 'SummaryUpdatedData', schema: SummaryUpdatedData, read: readPlainSummary,
    valid: fc.record({ organizationId: plainId, learnerId: plainId, revision: fc.integer({ min: 1 }), body: fc.string({ minLength: 4 }) }),
  },
] as const;

describe.each(cases)('$name', ({ schema, read, valid }) => {
  // The standing functions of zod know nothing of what was put before the method.
  const bySchema = (value: unknown) => z.safeParse(schema as z.ZodType, value);

  it('accepts what is plainly valid, and says what the schema says', () => {
    fc.assert(
      fc.property((valid as fc.Arbitrary<object>).map(onTheWire), (value) => {
        expect(read(value)).toStrictEqual(bySchema(value).data);
        expect(read(value)).toBeDefined();
      }),
      { numRuns: 500, verbose: true },
    );
  });

  it('accepts nothing else', () => {
    fc.assert(
      fc.property(fc.oneof({ weight: 9, arbitrary: mutated(valid as fc.Arbitrary<object>) }, { weight: 1, arbitrary: odd }).map(onTheWire), (value) => {
        const plain = read(value);
        if (plain !== undefined) expect(bySchema(value)).toStrictEqual({ success: true, data: plain });
        expect(schema.safeParse(value).success).toBe(bySchema(value).success);
      }),
      { numRuns: 5000, verbose: true },
    );
  });
});
