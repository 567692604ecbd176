import { z } from 'zod';

/** Longest identifier the platform may send, in code points: that is what the schema counts. */
export const IDENTIFIER_MAX_LENGTH = 128;

// Control characters would break log lines and Postgres refuses NUL; a lone surrogate cannot be encoded as UTF-8.
// eslint-disable-next-line no-control-regex
const PRINTABLE = /^[^\u0000-\u001f\u007f-\u009f]+$/;

/**
 * A pseudonymous identifier given by the platform: learner, course, test, attempt or organization.
 * 1 to 128 printable characters, never with `@`: an address is a person, and Schoolbell keeps none.
 */
export const Identifier = z
  .string()
  .min(1)
  .max(IDENTIFIER_MAX_LENGTH)
  .regex(PRINTABLE, 'must not contain control characters')
  .refine((id) => !id.includes('@'), 'must be a pseudonymous id: "@" is not allowed')
  .refine((id) => id.isWellFormed(), 'must be well-formed Unicode')
  .refine((id) => id.trim() === id, 'must not begin or end with white space');

/** Free text of a platform about a thing, such as the kind of a task: 1 to 64 printable characters. */
export const Label = z
  .string()
  .min(1)
  .max(64)
  .regex(PRINTABLE, 'must not contain control characters')
  .refine((text) => text.isWellFormed(), 'must be well-formed Unicode');

/** Name of a source, destination or token in the configuration: it stands in URLs, metrics and alerts. */
export const Slug = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and "-", at most 63');
