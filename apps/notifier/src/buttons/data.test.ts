import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CALLBACK_DATA_MAX_BYTES } from '../telegram/keyboard.ts';
import { decodePress, encodePress, VERBS, type Press } from './data.ts';

const press: fc.Arbitrary<Press> = fc.oneof(
  fc.record({ on: fc.constant('problem' as const), verb: fc.constantFrom(...VERBS), problemId: fc.bigInt(1n, 2n ** 61n), episode: fc.integer({ min: 0, max: 8.64e15 }) }),
  fc.record({ on: fc.constant('message' as const), verb: fc.constantFrom('acknowledge' as const, 'mute' as const), messageId: fc.bigInt(1n, 2n ** 61n) }),
  fc.record({ on: fc.constant('confirmation' as const), yes: fc.boolean(), id: fc.uuid() }),
);

describe('the data of a button', () => {
  it('says the same when it comes back, in at most 64 bytes', () => {
    fc.assert(
      fc.property(press, (one) => {
        const data = encodePress(one);
        expect(Buffer.byteLength(data)).toBeLessThanOrEqual(CALLBACK_DATA_MAX_BYTES);
        expect(decodePress(data)).toEqual(one);
      }),
    );
  });
  it('that was forged, cut or written by another version is none', () => {
    for (const data of ['', 'p', 'p.a', 'p.a.1', 'p.x.1.1', 'p.a.1.1.1', 'p.a.-1.1', "p.a.1'.1", 'p.a.zzzzzzzzzzzzz.1', 'g.r.1', 'g.a.1.1', 'c.y.1', 'c.m.11111111-1111-4111-8111-111111111111']) {
      expect(decodePress(data), data).toBeUndefined();
    }
    fc.assert(fc.property(fc.string({ maxLength: 64 }), (data) => void decodePress(data)));
  });
});
