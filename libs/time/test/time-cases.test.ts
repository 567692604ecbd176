import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { leftOut, operations, timeCases } from './time-cases.ts';

/** All 88 verified cases but the two that record faults of other libraries. */
const CASES = 86;

describe('time-cases.json', () => {
  it(`has ${CASES} cases to run and leaves out only the two hazards`, () => {
    expect(timeCases).toHaveLength(CASES);
    expect(leftOut.map(({ op }) => op).sort()).toEqual(['luxon_now', 'rrule_gap']);
  });

  it.each(timeCases.map((timeCase) => [timeCase.id, timeCase.title, timeCase] as const))(
    '%s %s',
    (_id, _title, { op, input, expected }) => {
      expect(operations[op]?.(input, expected)).toEqual(expected);
    },
  );

  const runner = fileURLToPath(new URL('run-cases.ts', import.meta.url));
  it.each([
    ['UTC', 0],
    ['America/New_York', 300],
    ['Pacific/Apia', -780],
    ['Asia/Dubai', -240],
  ])('answers the same in a process whose own zone is %s', async (TZ, januaryOffsetMinutes) => {
    const { stdout } = await promisify(execFile)(process.execPath, [runner], { env: { ...process.env, TZ } });
    expect(JSON.parse(stdout)).toEqual({ executed: CASES, failed: [], januaryOffsetMinutes });
  });
});
