/** Runs every case and prints what it found: started by the tests under several process zones. */
import { isDeepStrictEqual } from 'node:util';
import { operations, timeCases } from './time-cases.ts';

const failed = timeCases.filter(({ op, input, expected }) => !isDeepStrictEqual(operations[op]?.(input, expected), expected));
const januaryOffsetMinutes = new Date(2026, 0, 1).getTimezoneOffset();
console.log(JSON.stringify({ executed: timeCases.length, failed: failed.map(({ id }) => id), januaryOffsetMinutes }));
