import { monotonicMs } from './monotonic.ts';

const EVERY_MS = 100;

/** Values by part of the system (ingest, postgres, ...), read again and again. */
export interface Sampler {
  /** The first sample taken at or after an instant; takes one now when there is none yet. */
  at(instantMs: number): Record<string, number>;
  /** Of each part the greatest value, and the greatest sum over all parts. */
  peaks(): { parts: Record<string, number>; total: number };
  stop(): void;
}

export function startSampler(read: () => Record<string, number>): Sampler {
  const samples: { readonly atMs: number; readonly values: Record<string, number> }[] = [];
  const sample = () => {
    const taken = { atMs: monotonicMs(), values: read() };
    samples.push(taken);
    return taken;
  };
  sample();
  const timer = setInterval(sample, EVERY_MS);
  return {
    at: (instantMs) => (samples.find(({ atMs }) => atMs >= instantMs) ?? sample()).values,
    peaks() {
      const parts: Record<string, number> = {};
      for (const { values } of samples) {
        for (const [part, value] of Object.entries(values)) parts[part] = Math.max(parts[part] ?? 0, value);
      }
      return { parts, total: Math.max(...samples.map(({ values }) => sumOf(values))) };
    },
    stop: () => clearInterval(timer),
  };
}

export const sumOf = (values: Readonly<Record<string, number>>): number =>
  Object.values(values).reduce((sum, value) => sum + value, 0);

/** Part by part. */
export function difference(after: Readonly<Record<string, number>>, before: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(after).map(([part, value]) => [part, value - (before[part] ?? 0)]));
}

/** `postgres 0.190 · ingest 0.142`: so much of each part per unit of work, the greatest first. */
export const perUnit = (values: Readonly<Record<string, number>>, units: number): string =>
  Object.entries(values)
    .sort(([, a], [, b]) => b - a)
    .map(([part, value]) => `${part} ${(value / units).toFixed(3)}`)
    .join(' · ');
