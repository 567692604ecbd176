import type { ReceivedEvent } from '@schoolbell/messaging';
import { describe, expect, it } from 'vitest';
import { group } from './group.ts';

const summary = (learnerId: string, revision: number, organizationId = 'acme'): ReceivedEvent => ({
  id: `${learnerId}-${revision}`,
  type: 'results.summary.updated.v1',
  time: '2026-11-21T05:30:00.000Z',
  data: { organizationId, learnerId, revision, body: `{"r":${revision}}` },
});
const rating = (revision: number, courseId?: string): ReceivedEvent => ({
  id: `rating-${revision}`,
  type: 'results.rating.updated.v1',
  time: '2026-11-21T05:30:00.000Z',
  data: { organizationId: 'acme', courseId, revision, body: '{}' },
});
const wanting = (organizationId: string, kind: string) =>
  organizationId !== 'acme' ? [] : kind === 'summary' ? [{ id: 'lms' }, { id: 'board' }] : [{ id: 'board' }];

describe('group', () => {
  it('keeps the newest revision of each key, in whatever order they come', () => {
    const wishes = group([summary('u-2', 3), summary('u-1', 7), summary('u-1', 9), summary('u-1', 8)], () => [{ id: 'lms' }]);
    expect(wishes.map(({ key, revision, body }) => [key, revision, body])).toEqual([
      ['u-1', 9, '{"r":9}'],
      ['u-2', 3, '{"r":3}'],
    ]);
  });
  it('asks every destination that wants the kind, sorted by destination, kind and key', () => {
    const wishes = group([rating(1, 'c-1'), summary('u-1', 1), rating(1)], wanting);
    expect(wishes.map(({ destinationId, kind, key }) => [destinationId, kind, key])).toEqual([
      ['board', 'rating', ''],
      ['board', 'rating', 'c-1'],
      ['board', 'summary', 'u-1'],
      ['lms', 'summary', 'u-1'],
    ]);
  });
  it('asks for nothing where nobody listens', () => {
    expect(group([summary('u-1', 1, 'other')], wanting)).toEqual([]);
  });
});
