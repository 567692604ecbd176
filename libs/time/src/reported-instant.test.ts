import { expect, it } from 'vitest';
import { AHEAD_TOLERANCE_MS, reportedInstantFault } from './reported-instant.ts';

const NOW_MS = 1_000_000_000_000;

it.each([
  [NOW_MS + AHEAD_TOLERANCE_MS, undefined],
  [NOW_MS + AHEAD_TOLERANCE_MS + 1, 'is more than 5 minutes in the future'],
  [Infinity, 'is more than 5 minutes in the future'],
  [0, undefined],
  [-1, 'is before 1970'],
])('a platform may report %d ms or not: %j', (instantMs, fault) => {
  expect(reportedInstantFault(instantMs, NOW_MS)).toBe(fault);
});
