/** The value that `percent` of the samples do not exceed (nearest rank). NaN of nothing. */
export function percentile(samples: ArrayLike<number>, percent: number): number {
  const sorted = Float64Array.from(samples).sort();
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
}

export const median = (samples: ArrayLike<number>): number => percentile(samples, 50);
