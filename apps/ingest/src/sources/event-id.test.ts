import { describe, expect, it } from 'vitest';
import { createEventIdReader } from './event-id.ts';
import { lookUp, parsePointer } from './pointer.ts';

describe('event id in a header', () => {
  const reader = createEventIdReader({ header: 'X-Event-Id' });

  it.each([
    ['order:123', 'order:123'],
    ['2026/17', '2026/17'],
    ['a'.repeat(64), 'a'.repeat(64)],
    ['a'.repeat(65), undefined],
    ['someone@example.com', undefined],
    ['two words', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%j gives %j', (value, id) => {
    expect(reader.fromHeaders({ 'x-event-id': value })).toBe(id);
  });

  it('is not looked for in the body', () => {
    expect(reader.fromBody({ 'X-Event-Id': 'a' })).toBeUndefined();
  });
});

describe('event id in the body', () => {
  const reader = createEventIdReader({ pointer: '/event/id' });

  it.each([
    [{ event: { id: 'e-1' } }, 'e-1'],
    [{ event: { id: 17 } }, '17'],
    [{ event: { id: 1.5 } }, undefined],
    [{ event: { id: 2 ** 60 } }, undefined],
    [{ event: { id: { a: 1 } } }, undefined],
    [{ event: null }, undefined],
    [[], undefined],
    ['text', undefined],
    [null, undefined],
  ])('%j gives %j', (json, id) => {
    expect(reader.fromBody(json)).toBe(id);
  });
});

describe('lookUp', () => {
  it.each([
    ['', { a: 1 }, { a: 1 }],
    ['/a~1b/~0c', { 'a/b': { '~c': 7 } }, 7],
    ['/list/1', { list: ['x', 'y'] }, 'y'],
    ['/', { '': 5 }, 5],
    ['/constructor', {}, undefined],
    ['/__proto__', {}, undefined],
    ['/length', 'text', undefined],
  ])('%s', (pointer, document, value) => {
    expect(lookUp(document, parsePointer(pointer))).toEqual(value);
  });
});
