// Arrays as parameters in Postgres' binary format. As text the driver escapes every quote of every element and the
// server reads them back character by character: for a batch of events in JSON that was 12 of 19 microseconds a row,
// both sides together. Layout: array_recv in src/backend/utils/adt/arrayfuncs.c.

const OID = { bytea: 17, bool: 16, int8: 20, int4: 23, text: 25, timestamptz: 1184, numeric: 1700, uuid: 2950 } as const;
const HEADER_BYTES = 20;
const LENGTH_BYTES = 4;
const NULL_LENGTH = -1;
const TWO_POW_32 = 2 ** 32;
/** Postgres counts from 2000-01-01 UTC. */
const POSTGRES_EPOCH_MS = 946_684_800_000;
const MICROS_PER_MS = 1000;
const MILLIONTHS = 1_000_000;
/** Decimals that a numeric of millionths shows at most. */
const MILLIONTHS_DECIMALS = 6;
/** A numeric is written in digits of base 10,000. */
const NUMERIC_BASE = 10_000;
const NUMERIC_NEGATIVE = 0x4000;
/** A header of 8 bytes, and digits for what is below 2^53 and two behind the point. */
const NUMERIC_BYTES_MAX = 8 + 2 * 6;

/** For `$n::text[]`. */
export function textArray(values: readonly (string | null)[]): Buffer {
  let bytes = 0;
  for (const value of values) if (value !== null) bytes += Buffer.byteLength(value);
  return build(OID.text, values, bytes, (buffer, at, value) => buffer.write(value, at));
}

/** For `$n::bytea[]`. */
export function byteaArray(values: readonly (Uint8Array | null)[]): Buffer {
  let bytes = 0;
  for (const value of values) if (value !== null) bytes += value.length;
  return build(OID.bytea, values, bytes, (buffer, at, value) => {
    buffer.set(value, at);
    return value.length;
  });
}

/** For `$n::uuid[]`, in the usual spelling with dashes. */
export const uuidArray = (values: readonly (string | null)[]): Buffer =>
  build(OID.uuid, values, 16 * values.length, (buffer, at, value) => buffer.write(value.replaceAll('-', ''), at, 'hex'));

/** For `$n::bigint[]`. Whole numbers that a double holds exactly. */
export const bigintArray = (values: readonly (number | null)[]): Buffer =>
  build(OID.int8, values, 8 * values.length, writeInt64);

/** For `$n::integer[]`. */
export const integerArray = (values: readonly (number | null)[]): Buffer =>
  build(OID.int4, values, 4 * values.length, (buffer, at, value) => buffer.writeInt32BE(value, at) - at);

/** For `$n::boolean[]`. */
export const booleanArray = (values: readonly (boolean | null)[]): Buffer =>
  build(OID.bool, values, values.length, (buffer, at, value) => buffer.writeUInt8(value ? 1 : 0, at) - at);

/** For `$n::timestamptz[]`: milliseconds since the epoch. */
export const instantArray = (values: readonly (number | null)[]): Buffer =>
  build(OID.timestamptz, values, 8 * values.length, (buffer, at, value) => {
    const micros = (value - POSTGRES_EPOCH_MS) * MICROS_PER_MS;
    if (Number.isSafeInteger(micros)) return writeInt64(buffer, at, micros);
    // From the year 2285 on.
    return buffer.writeBigInt64BE(BigInt(value - POSTGRES_EPOCH_MS) * BigInt(MICROS_PER_MS), at) - at;
  });

/** For `$n::numeric[]`: whole millionths, so that 17_500_000 is stored as 17.5. */
export const millionthsArray = (values: readonly (number | bigint | null)[]): Buffer =>
  build(OID.numeric, values, NUMERIC_BYTES_MAX * values.length, writeMillionths);

/** One dimension, first element 1. `bytes` is the room that the elements need at most; `write` says what one took. */
function build<T>(
  oid: number,
  values: readonly (T | null)[],
  bytes: number,
  write: (buffer: Buffer, at: number, value: T) => number,
): Buffer {
  const buffer = Buffer.allocUnsafe(HEADER_BYTES + LENGTH_BYTES * values.length + bytes);
  buffer.writeInt32BE(values.length === 0 ? 0 : 1, 0);
  buffer.writeInt32BE(values.includes(null) ? 1 : 0, 4);
  buffer.writeInt32BE(oid, 8);
  if (values.length === 0) return buffer.subarray(0, 12);
  buffer.writeInt32BE(values.length, 12);
  buffer.writeInt32BE(1, 16);
  let at = HEADER_BYTES;
  for (const value of values) {
    const length = value === null ? NULL_LENGTH : write(buffer, at + LENGTH_BYTES, value);
    buffer.writeInt32BE(length, at);
    at += LENGTH_BYTES + Math.max(0, length);
  }
  return buffer.subarray(0, at);
}

/** Layout: numeric_recv in src/backend/utils/adt/numeric.c. */
function writeMillionths(buffer: Buffer, at: number, value: number | bigint): number {
  const magnitude = value < 0 ? -value : value;
  // Sums can be beyond what a number counts in millionths, never beyond what it counts in wholes.
  const small = magnitude <= Number.MAX_SAFE_INTEGER ? Number(magnitude) : undefined;
  let whole = small === undefined ? Number(BigInt(magnitude) / BigInt(MILLIONTHS)) : Math.floor(small / MILLIONTHS);
  const fraction = small === undefined ? Number(BigInt(magnitude) % BigInt(MILLIONTHS)) : small % MILLIONTHS;
  if (!Number.isSafeInteger(whole) || !Number.isInteger(fraction)) throw new RangeError(`not whole millionths that can be stored exactly: ${value}`);
  const digits = [Math.floor(fraction / 100), (fraction % 100) * 100];
  let weight = -1;
  for (; whole > 0; whole = Math.floor(whole / NUMERIC_BASE)) {
    digits.unshift(whole % NUMERIC_BASE);
    weight += 1;
  }
  while (digits.at(-1) === 0) digits.pop();
  while (digits[0] === 0) {
    digits.shift();
    weight -= 1;
  }
  let decimals = fraction === 0 ? 0 : MILLIONTHS_DECIMALS;
  for (let rest = fraction; decimals > 0 && rest % 10 === 0; rest /= 10) decimals -= 1;
  buffer.writeInt16BE(digits.length, at);
  buffer.writeInt16BE(digits.length === 0 ? 0 : weight, at + 2);
  buffer.writeUInt16BE(value < 0 ? NUMERIC_NEGATIVE : 0, at + 4);
  buffer.writeInt16BE(decimals, at + 6);
  for (const [index, digit] of digits.entries()) buffer.writeInt16BE(digit, at + 8 + 2 * index);
  return 8 + 2 * digits.length;
}

function writeInt64(buffer: Buffer, at: number, value: number): number {
  if (!Number.isSafeInteger(value)) throw new RangeError(`not a whole number that can be stored exactly: ${value}`);
  const high = Math.floor(value / TWO_POW_32);
  buffer.writeInt32BE(high, at);
  buffer.writeUInt32BE(value - high * TWO_POW_32, at + 4);
  return 8;
}
