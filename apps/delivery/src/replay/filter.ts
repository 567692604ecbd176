import { Identifier } from '@schoolbell/contracts';
import { z } from 'zod';

const LEARNERS_MAX = 1_000;

/** Which rows of a destination are sent again. */
export const ReplayFilter = z.strictObject({
  state: z
    .enum(['parked', 'undelivered', 'delivered', 'all'])
    .describe('parked: budget spent or transform failed; undelivered: parked or waiting for an attempt; delivered: nothing waits.'),
  kind: z.enum(['summary', 'rating']).optional(),
  learnerIds: z.array(Identifier).min(1).max(LEARNERS_MAX).optional().describe('Only these learners.'),
  sentFrom: z.iso.datetime({ offset: true }).optional().describe('Only what was last sent at or after this instant.'),
  sentBefore: z.iso.datetime({ offset: true }).optional().describe('Only what was last sent before this instant.'),
});
export type ReplayFilter = z.infer<typeof ReplayFilter>;

// Rows in flight are left alone by "undelivered": they are being sent right now.
const STATES: Readonly<Record<ReplayFilter['state'], string>> = {
  parked: 'parked_at IS NOT NULL',
  undelivered: '(parked_at IS NOT NULL OR due_at IS NOT NULL)',
  delivered: 'num_nonnulls(due_at, lease_until, parked_at) = 0',
  all: 'true',
};

/** A filter as a condition with parameters from `$first` on. The text differs only by which parts are there. */
export function filterSql(filter: ReplayFilter, first: number): { readonly name: string; readonly text: string; readonly values: unknown[] } {
  const values: unknown[] = [];
  const parts = [STATES[filter.state]];
  const names: string[] = [filter.state];
  const add = (name: string, value: unknown, condition: (parameter: string) => string): void => {
    if (value === undefined) return;
    parts.push(condition(`$${first + values.length}`));
    values.push(value);
    names.push(name);
  };
  add('kind', filter.kind, (parameter) => `kind = ${parameter}`);
  add('learners', filter.learnerIds, (parameter) => `kind = 'summary' AND key = ANY (${parameter}::text[])`);
  add('from', filter.sentFrom, (parameter) => `sent_at >= ${parameter}`);
  add('before', filter.sentBefore, (parameter) => `sent_at < ${parameter}`);
  return { name: names.join('_'), text: parts.join(' AND '), values };
}
