// Narrower than the schemas on purpose: each accepts a part of what its schema accepts.
import { hasScoreDecimals, SCORE_MAX } from '../scores.ts';

const IDENTIFIER = /^[A-Za-z0-9_.:~-]{1,128}$/;
const LABEL = /^[A-Za-z0-9_.:~-]{1,64}$/;
// Days that exist in every year: 29 February is left to the schema.
const DATE = '[12]\\d{3}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)';
const INSTANT = new RegExp(`^${DATE}T(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d{1,9})?Z$`);

export const isPlainIdentifier = (value: unknown): value is string => typeof value === 'string' && IDENTIFIER.test(value);
export const isPlainLabel = (value: unknown): value is string => typeof value === 'string' && LABEL.test(value);
export const isPlainInstant = (value: unknown): value is string => typeof value === 'string' && INSTANT.test(value);

export const isPlainScore = (value: unknown): value is number =>
  typeof value === 'number' && value >= 0 && value <= SCORE_MAX && (Number.isInteger(value) || hasScoreDecimals(value));

export const isText = (value: unknown, minLength: number, maxLength: number): value is string =>
  typeof value === 'string' && value.length >= minLength && value.length <= maxLength;

/** What a member says, or undefined when it is no object. A list has other members than those that are asked for. */
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);
