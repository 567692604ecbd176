import { describe, expect, it } from 'vitest';
import { judgeStream, nextFloor } from './decide.ts';

describe('judgeStream', () => {
  const promised = { epoch: 'e1', lastSeq: 10 };
  it.each([
    ['as promised', { exists: true, epoch: 'e1', lastSeq: 10 } as const, { kind: 'intact' }],
    ['one message more: a lost acknowledgement', { exists: true, epoch: 'e1', lastSeq: 11 } as const, { kind: 'ahead', lastSeq: 11 }],
    ['one message less', { exists: true, epoch: 'e1', lastSeq: 9 } as const, { kind: 'lost', reason: 'shorter' }],
    ['made anew by somebody', { exists: true, epoch: 'e2', lastSeq: 10 } as const, { kind: 'lost', reason: 'other-epoch' }],
    ['not of our making', { exists: true, epoch: undefined, lastSeq: 10 } as const, { kind: 'lost', reason: 'other-epoch' }],
    ['missing', { exists: false } as const, { kind: 'lost', reason: 'missing' }],
  ])('%s', (_, observed, verdict) => {
    expect(judgeStream(promised, observed)).toEqual(verdict);
  });
});

describe('nextFloor', () => {
  it('is the lowest confirmation of all durables', () => {
    expect(nextFloor(3, 10, [{ ackFloor: 9 }, { ackFloor: 7 }])).toBe(7);
  });
  it('never falls', () => {
    expect(nextFloor(8, 10, [{ ackFloor: 5 }])).toBe(8);
  });
  it('does not move while a durable is missing', () => {
    expect(nextFloor(3, 10, [{ ackFloor: 9 }, undefined])).toBe(3);
  });
  it('does not pass the end of the stream', () => {
    expect(nextFloor(3, 10, [{ ackFloor: 50 }])).toBe(10);
  });
  it('is the end of a stream that nobody has to confirm', () => {
    expect(nextFloor(3, 10, [])).toBe(10);
  });
});
