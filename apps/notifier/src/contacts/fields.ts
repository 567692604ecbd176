import { Problem } from '@schoolbell/service-kit';
import { z } from 'zod';
import { OPTIONAL_TOPICS } from './topics.ts';

/** Topics of mail that somebody does not want, as people and the platform send them. */
export const Unwanted = z
  .array(z.enum(OPTIONAL_TOPICS, {
    error: ({ input }) => (input === 'offers' ? 'cannot be switched off: mail about an open offer or its deadline is always sent' : undefined),
  }))
  .max(OPTIONAL_TOPICS.length)
  .refine((topics) => new Set(topics).size === topics.length, 'must name each topic once')
  .describe('Topics of mail that the person does not want. Offers and their deadlines are always told');

/** The version that is to be changed, as a header. */
export const Conditional = z.object({
  'if-match': z.string().regex(/^"?\d{1,9}"?$/, 'must be a version such as "7"').optional().describe('Refused with 412 when the version is another one'),
});
export const versionIn = ({ 'if-match': match }: z.infer<typeof Conditional>): number | undefined =>
  match === undefined ? undefined : Number(match.replaceAll('"', ''));

export const versionStale = (): Problem =>
  new Problem({ status: 412, code: 'version-stale', title: 'It has changed since.', detail: 'Look at it again and send its version.' });
