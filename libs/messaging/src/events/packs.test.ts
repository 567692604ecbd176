import { describe, expect, it } from 'vitest';
import { PACK_CHARACTERS_MAX, PACK_EVENTS_MAX, packRows } from './packs.ts';

const row = (id: number, subject = 's.a', body = `{"id":${id}}`) => ({ subject, body, messageId: `m-${id}` });
const many = (count: number) => Array.from({ length: count }, (_, id) => row(id));

describe('packRows', () => {
  it('leaves an event alone as it is', () => {
    expect(packRows([row(1)])).toEqual([{ ...row(1), rows: [row(1)] }]);
  });
  it('puts the events of one subject together, in their order', () => {
    const packs = packRows([row(1), row(2, 's.b'), row(3), row(4, 's.b')]);
    expect(packs.map(({ subject, body }) => [subject, body])).toEqual([
      ['s.a', '[{"id":1},{"id":3}]'],
      ['s.b', '[{"id":2},{"id":4}]'],
    ]);
    expect(packs.flatMap(({ rows }) => rows).map(({ messageId }) => messageId)).toEqual(['m-1', 'm-3', 'm-2', 'm-4']);
  });
  it('begins a new message when one is full', () => {
    expect(packRows(many(2 * PACK_EVENTS_MAX + 1)).map(({ rows }) => rows.length)).toEqual([PACK_EVENTS_MAX, PACK_EVENTS_MAX, 1]);
    const large = JSON.stringify('x'.repeat(PACK_CHARACTERS_MAX / 2));
    expect(packRows([row(1, 's.a', large), row(2, 's.a', large), row(3)]).map(({ rows }) => rows.length)).toEqual([1, 2]);
  });
  it('takes an event that is larger than a message should be', () => {
    const huge = JSON.stringify('x'.repeat(2 * PACK_CHARACTERS_MAX));
    expect(packRows([row(1), row(2, 's.a', huge), row(3)]).map(({ rows }) => rows.length)).toEqual([1, 1, 1]);
  });
  it('has an id of the whole content: other company, another message', () => {
    const ids = [[1, 2], [1, 3], [1, 2, 3], [1, 2]].map((list) => packRows(list.map((id) => row(id)))[0]!.messageId);
    expect(new Set(ids).size).toBe(3);
    expect(ids[0]).toBe(ids[3]);
  });
});
