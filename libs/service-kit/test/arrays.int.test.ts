import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testDatabase, type TestDatabase } from '@schoolbell/testing';
import {
  bigintArray,
  booleanArray,
  byteaArray,
  createDatabase,
  createLogger,
  createMetrics,
  instantArray,
  integerArray,
  millionthsArray,
  textArray,
  uuidArray,
  type Database,
} from '../src/index.ts';

let database: TestDatabase;
let db: Database;

beforeAll(async () => {
  database = await testDatabase('ingest');
  const log = createLogger({ service: 'ingest', level: 'silent' });
  db = createDatabase({ url: database.url('ingest'), schema: 'ingest', log, metrics: createMetrics('ingest') });
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

/** What the server makes of a parameter, spelled by itself. */
async function spelled(type: string, parameter: Buffer, expression = 'element::text'): Promise<(string | null)[]> {
  const name = `spell_${type}_${expression.length}`;
  const text = `SELECT ${expression} AS element FROM unnest($1::${type}[]) WITH ORDINALITY AS t (element, position) ORDER BY position`;
  return (await db.query<{ element: string | null }>({ name, text }, [parameter])).map(({ element }) => element);
}

describe('binary arrays', () => {
  test('text: quotes, backslashes, commas, other scripts, nothing', async () => {
    const values = ['', 'a"b\\c', '{x,y}', 'NULL', null, 'Überprüfung 試験 🎓', `{"a":"${'\\"'.repeat(50)}"}`];
    expect(await spelled('text', textArray(values))).toEqual(values);
  });
  test('text: what Postgres cannot hold is refused as it is in a text parameter', async () => {
    await expect(spelled('text', textArray(['a\u0000b']))).rejects.toMatchObject({ code: '22021' });
  });
  test('no elements', async () => {
    for (const [type, make] of Object.entries({ text: textArray, uuid: uuidArray, bigint: bigintArray, bytea: byteaArray, boolean: booleanArray })) {
      expect(await spelled(type, make([]))).toEqual([]);
    }
  });
  test('bytea', async () => {
    expect(await spelled('bytea', byteaArray([Buffer.from([0, 255, 16]), null, Buffer.alloc(0)]), `encode(element, 'hex')`)).toEqual(['00ff10', null, '']);
  });
  test('uuid', async () => {
    const values = ['6f1c8d3e-0000-4000-8000-00000000000f', null, 'ffffffff-ffff-4fff-bfff-ffffffffffff'];
    expect(await spelled('uuid', uuidArray(values))).toEqual(values);
  });
  test('bigint and integer', async () => {
    const values = [0, 1, -1, null, 2 ** 32, -(2 ** 32) - 1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER];
    expect(await spelled('bigint', bigintArray(values))).toEqual(values.map((value) => (value === null ? null : String(value))));
    expect(await spelled('integer', integerArray([0, -5, null, 2 ** 31 - 1]))).toEqual(['0', '-5', null, '2147483647']);
    expect(() => bigintArray([0.5])).toThrow(RangeError);
  });
  test('boolean', async () => {
    expect(await spelled('boolean', booleanArray([true, null, false]))).toEqual(['true', null, 'false']);
  });
  test('timestamptz', async () => {
    const expression = `to_char(element AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS')`;
    const values = [0, 946_684_800_000, 1_795_000_000_123, null, -1, 253_402_300_799_999];
    expect(await spelled('timestamptz', instantArray(values), expression)).toEqual([
      '1970-01-01T00:00:00.000',
      '2000-01-01T00:00:00.000',
      '2026-11-18T11:06:40.123',
      null,
      '1969-12-31T23:59:59.999',
      '9999-12-31T23:59:59.999',
    ]);
  });
  test('numeric', async () => {
    const spelledOut = new Map<number | bigint, string>([
      [0, '0'],
      [1, '0.000001'],
      [-1, '-0.000001'],
      [100, '0.0001'],
      [123_400, '0.1234'],
      [17_500_000, '17.5'],
      [10_000_000_000, '10000'],
      [-10_000_500_000n, '-10000.5'],
      [999_999_999_999_999, '999999999.999999'],
      [Number.MAX_SAFE_INTEGER, '9007199254.740991'],
      [2n ** 53n, '9007199254.740992'],
      [123_456_789_012_345_678_901n, '123456789012345.678901'],
      [-(10n ** 21n), '-1000000000000000'],
    ]);
    expect(await spelled('numeric', millionthsArray([...spelledOut.keys(), null]))).toEqual([...spelledOut.values(), null]);
    expect(() => millionthsArray([0.5])).toThrow(RangeError);
    expect(() => millionthsArray([10n ** 30n])).toThrow(RangeError);
  });
});
