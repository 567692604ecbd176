import { expect, it } from 'vitest';
import { cpuMs } from './cpu.ts';
import { proportionalBytes, residentBytes } from './memory.ts';
import { monotonicMs } from './monotonic.ts';
import { median, percentile } from './percentiles.ts';

it('takes percentiles by nearest rank and leaves the samples as they are', () => {
  const samples = [5, 1, 4, 2, 3];
  expect([median(samples), percentile(samples, 99), percentile(samples, 20), percentile([], 50)]).toEqual([3, 5, 1, Number.NaN]);
  expect(samples).toEqual([5, 1, 4, 2, 3]);
});
it('counts the CPU and the memory of this very process', () => {
  const before = cpuMs(process.pid);
  const untilMs = monotonicMs() + 10_000;
  while (cpuMs(process.pid) - before < 50) expect(monotonicMs()).toBeLessThan(untilMs);
  expect(residentBytes(process.pid)).toBeGreaterThan(20e6);
  expect(proportionalBytes(process.pid)).toBeGreaterThan(10e6);
});
