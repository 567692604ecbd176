// Decimals as whole millionths. Written for the oracle alone: it must not lean on the arithmetic that it checks.
const MICRO = 6;

/** `17.5` becomes 17500000n. Reads the text of a JSON number, exponents included, and nothing else. */
export function micros(text: string): bigint {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (match === null) throw new RangeError(`not a decimal: ${text}`);
  const [, minus, whole = '', fraction = '', exponent = '0'] = match;
  const shift = MICRO - fraction.length + Number(exponent);
  const digits = BigInt(whole + fraction);
  if (shift < 0 && digits % 10n ** BigInt(-shift) !== 0n) throw new RangeError(`more than ${MICRO} decimals: ${text}`);
  const value = shift >= 0 ? digits * 10n ** BigInt(shift) : digits / 10n ** BigInt(-shift);
  return minus === '-' ? -value : value;
}

/** 100 * score / maxScore in millionths, rounded half up to two decimals. 0 of 0 is 0 percent. */
export function percentMicros(score: bigint, maxScore: bigint): bigint {
  if (maxScore === 0n) return 0n;
  const hundredths = (2n * 10_000n * score + maxScore) / (2n * maxScore);
  return hundredths * 10_000n;
}

/** Parse JSON with every number as millionths, read from its own text so that no double stands in between. */
export function parseExact(json: string): unknown {
  return JSON.parse(json, (_key, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' ? micros(context?.source ?? String(value)) : value,
  );
}
