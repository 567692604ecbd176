import { STREAMS } from '@schoolbell/contracts';
import { expect, test } from 'vitest';
import { asyncApiDocument } from './document.ts';
import { matches } from './events.ts';

test.each([
  ['ingest.result.*', 'ingest.result.completed', true],
  ['ingest.result.*', 'ingest.result', false],
  ['ingest.result.*', 'ingest.result.a.b', false],
  ['delivery.>', 'delivery.circuit.changed', true],
  ['delivery.>', 'delivery', false],
])('%s takes %s: %s', (pattern, subject, expected) => {
  expect(matches(pattern, subject)).toBe(expected);
});

test('every stream has a subject that somebody tells, and every durable hears something', () => {
  const { operations } = asyncApiDocument() as { operations: Record<string, { action: string }> };
  const names = Object.keys(operations).join('\n');
  for (const { producer, durables } of STREAMS) {
    expect(names).toContain(`${producer}-tells-`);
    for (const { name, service } of durables) expect(names).toContain(`${service}-${name}-hears-`);
  }
});
