import { expect, it } from 'vitest';
import type { Figure } from '../figure.ts';
import { benchmarksPage } from './markdown.ts';
import { figureTable } from './table.ts';

const FIGURES: Figure[] = [
  { name: 'a.rate', label: 'rate', value: 12_345.6, unit: '/s', target: { atLeast: 2000 } },
  { name: 'a.cpu', label: 'CPU', value: 0.81, unit: 'ms', digits: 3, target: { below: 0.8 } },
  { name: 'a.size', label: 'size', value: 7, unit: 'bytes' },
];

it('prints a table with targets and verdicts', () => {
  expect(figureTable(FIGURES).split('\n')).toEqual([
    'figure   value  unit    target',
    'rate    12,346  /s     >= 2000  pass',
    'CPU      0.810  ms       < 0.8  MISS',
    'size         7  bytes',
  ]);
});
it('writes the page with the machine, the figures and the line of JSON', () => {
  const page = benchmarksPage({ day: '2026-11-21', facts: [['node', 'v24']], figures: FIGURES, json: '{"a":1}' });
  expect(page).toContain('## Where, 2026-11-21');
  expect(page).toContain('| node | v24 |');
  expect(page).toContain('| rate | 12,346 /s | >= 2000 | pass |');
  expect(page).toContain('| CPU | 0.810 ms | < 0.8 | MISS |');
  expect(page).toContain('| size | 7 bytes |  |  |');
  expect(page).toContain('{"a":1}');
});
