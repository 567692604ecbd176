import { formatMicros, parseMicros, percentOf } from '../decimals/micros.ts';
import { exactNumber } from './exact.ts';

/** Scores and their share, from decimal text to JSON numbers without a double between. */
export function scoreView(points: string, maxScore: string): { score: number; maxScore: number; percent: number } {
  const [micros, maxMicros] = [parseMicros(points), parseMicros(maxScore)];
  return { score: exactNumber(formatMicros(micros)), maxScore: exactNumber(formatMicros(maxMicros)), percent: exactNumber(percentOf(micros, maxMicros)) };
}
