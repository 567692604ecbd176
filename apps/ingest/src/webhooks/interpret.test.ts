import { ingestResultCompleted, ingestResultRegraded, ingestResultVoided, ResultData, VoidData } from '@schoolbell/contracts';
import { compileTransform } from '@schoolbell/service-kit';
import { parseInstant } from '@schoolbell/time';
import { describe, expect, it } from 'vitest';
import { createSource, type SourceEntry } from '../sources/source.ts';
import { interpret } from './interpret.ts';

const NOW = '2026-11-21T05:30:00.000Z';
const NOW_MS = parseInstant(NOW);
const authentication = { challenge: 'none', authenticate: () => 'verified' as const };

const entry: SourceEntry = {
  id: 'platform',
  organizations: ['acme', 'globex'],
  authentication: { scheme: 'bearer', secrets: [{ env: 'UNUSED' }] },
  eventId: { header: 'webhook-id' },
  typePointer: '/type',
  ignoreTypes: ['ping'],
  ratePerSecond: 10,
};
const make = (change: Partial<SourceEntry> = {}) =>
  createSource(
    { ...entry, ...change },
    { authentication, transform: change.transform === undefined ? undefined : compileTransform(change.transform) },
  );
const data = {
  attemptId: 'a-1',
  learnerId: 'u-000123',
  courseId: 'c-12',
  testId: 't-7',
  score: 17,
  maxScore: 20,
  passed: true,
  completedAt: '2026-11-21T05:29:58.000Z',
};
const completed = { type: 'test.completed', timestamp: NOW, data };
const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));
const read = (value: unknown, source = make()) =>
  interpret(source, bytes(value), source.eventId.pointer === undefined ? 'evt_1' : undefined, NOW_MS);

describe('an event', () => {
  it('has canonical fields only, and the organization of the source', () => {
    const seen = read({ ...completed, extra: 1, data: { ...data, email: 'x@example.com' } });
    expect(seen).toEqual({
      kind: 'event',
      webhookId: 'evt_1',
      event: {
        definition: ingestResultCompleted,
        data: { ...data, source: 'platform', webhookId: 'evt_1', organizationId: 'acme', timestamp: NOW },
      },
    });
    if (seen.kind === 'event') expect(ResultData.safeParse(JSON.parse(JSON.stringify(seen.event.data))).success).toBe(true);
  });

  it('may name another organization of the source', () => {
    expect(read({ ...completed, data: { ...data, organizationId: 'globex' } })).toMatchObject({ event: { data: { organizationId: 'globex' } } });
    expect(read(completed, make({ defaultOrganization: 'globex' }))).toMatchObject({ event: { data: { organizationId: 'globex' } } });
  });

  it('has its times in UTC with milliseconds', () => {
    const times = { timestamp: '2026-11-21T08:30:00.1239+03:00', data: { ...data, completedAt: '2026-11-21T05:29:00Z', startedAt: '2026-11-20T23:00:00-06:00' } };
    expect(read({ ...completed, ...times })).toMatchObject({
      event: {
        data: { timestamp: '2026-11-21T05:30:00.123Z', completedAt: '2026-11-21T05:29:00.000Z', startedAt: '2026-11-21T05:00:00.000Z' },
      },
    });
  });

  it('can be a regrade or a void', () => {
    expect(read({ ...completed, type: 'test.regraded' })).toMatchObject({ event: { definition: ingestResultRegraded } });
    const voided = read({ type: 'test.voided', timestamp: NOW, data: { attemptId: 'a-1', score: 'junk' } });
    expect(voided).toMatchObject({ event: { definition: ingestResultVoided } });
    if (voided.kind === 'event') {
      expect(voided.event.data).toEqual({ source: 'platform', webhookId: 'evt_1', organizationId: 'acme', attemptId: 'a-1', timestamp: NOW });
      expect(VoidData.safeParse(voided.event.data).success).toBe(true);
    }
  });
});

describe('an invalid body', () => {
  it.each([
    ['no JSON', Buffer.from('{"type":'), 'not-json'],
    ['nothing', Buffer.alloc(0), 'not-json'],
    ['invalid UTF-8 in a text', Buffer.from([0x22, 0xff, 0x22]), 'not-json'],
    ['a byte order mark', Buffer.from('\ufeff{}'), 'not-json'],
    ['very deep', Buffer.from('['.repeat(100_000) + ']'.repeat(100_000)), 'structure'],
    ['null', bytes(null), 'structure'],
  ])('%s', (_, body, reason) => {
    expect(interpret(make(), body, 'evt_1', NOW_MS)).toMatchObject({ kind: 'invalid', reason, webhookId: 'evt_1' });
  });

  it.each([
    ['/type', { ...completed, type: 'test.unknown' }],
    ['/timestamp', { ...completed, timestamp: '21.11.2026' }],
    ['/timestamp', { ...completed, timestamp: '2026-11-21T05:30:00' }],
    ['/data', { type: 'test.completed', timestamp: NOW }],
    ['/data/attemptId', { ...completed, data: { ...data, attemptId: 'x@y' } }],
    ['/data/learnerId', { ...completed, data: { ...data, learnerId: 'someone@example.com' } }],
    ['/data/learnerId', { ...completed, data: { ...data, learnerId: 'a\u0000b' } }],
    ['/data/courseId', { ...completed, data: { ...data, courseId: '' } }],
    ['/data/testId', { ...completed, data: { ...data, testId: 7 } }],
    ['/data/score', { ...completed, data: { ...data, score: 21 } }],
    ['/data/score', { ...completed, data: { ...data, score: -1 } }],
    ['/data/score', { ...completed, data: { ...data, score: 0.1234567 } }],
    ['/data/maxScore', { ...completed, data: { ...data, score: 0, maxScore: 0 } }],
    ['/data/passed', { ...completed, data: { ...data, passed: 'yes' } }],
    ['/data/kind', { ...completed, data: { ...data, kind: 'a\u0000' } }],
    ['/data/completedAt', { ...completed, data: { ...data, completedAt: '2026-02-30T00:00:00Z' } }],
  ])('names %s', (pointer, value) => {
    const seen = read(value);
    expect(seen).toMatchObject({ kind: 'invalid', reason: 'structure' });
    if (seen.kind === 'invalid') expect(seen.errors.map((error) => error.pointer)).toContain(pointer);
  });

  it('lists every wrong place and repeats nothing of the body', () => {
    const seen = read({ type: 'test.completed', timestamp: 'secret-1', data: { ...data, score: 'secret-2', learnerId: 'secret-3@example.com' } });
    expect(seen).toMatchObject({ errors: { length: 3 } });
    expect(JSON.stringify(seen)).not.toContain('secret');
  });

  it('may name only organizations of the source', () => {
    expect(read({ ...completed, data: { ...data, organizationId: 'initech' } })).toMatchObject({
      reason: 'organization',
      errors: [{ pointer: '/data/organizationId' }],
    });
  });

  it.each([
    ['/timestamp', { ...completed, timestamp: '2026-11-21T05:35:00.001Z' }],
    ['/data/completedAt', { ...completed, data: { ...data, completedAt: '2099-01-01T00:00:00Z' } }],
    ['/data/startedAt', { ...completed, data: { ...data, startedAt: '9999-12-31T23:59:59-12:00' } }],
    ['/timestamp', { ...completed, timestamp: '0000-01-01T00:00:00+14:00' }],
    ['/timestamp', { type: 'test.voided', timestamp: '2027-01-01T00:00:00Z', data: { attemptId: 'a-1' } }],
  ])('has %s at a time that cannot be', (pointer, value) => {
    expect(read(value)).toMatchObject({ reason: 'instant', errors: [{ pointer }] });
  });

  it('may be exactly five minutes ahead', () => {
    expect(read({ ...completed, timestamp: '2026-11-21T05:35:00.000Z' }).kind).toBe('event');
  });

  it('shows known fields that are valid by themselves', () => {
    const seen = read({ ...completed, data: { ...data, learnerId: 'someone@example.com', score: 99 } });
    expect(seen).toMatchObject({ known: { type: 'test.completed', timestamp: NOW, attemptId: 'a-1', courseId: 'c-12', testId: 't-7' } });
    expect(JSON.stringify(seen)).not.toContain('someone');
  });
});

describe('a source that shapes its events otherwise', () => {
  const transform = `{"type": "test.completed", "timestamp": at, "data": {"attemptId": "a-" & try, "learnerId": user, "courseId": "c", "testId": "t",
    "score": points, "maxScore": 10, "completedAt": at}}`;
  const source = make({ transform, eventId: { pointer: '/meta/id' }, typePointer: '/meta/kind', ignoreTypes: ['heartbeat'] });
  const own = { meta: { id: 17, kind: 'done' }, at: NOW, try: 3, user: 'u-1', points: 7.5 };

  it('is transformed', () => {
    expect(read(own, source)).toMatchObject({
      kind: 'event',
      webhookId: '17',
      event: { data: { attemptId: 'a-3', learnerId: 'u-1', score: 7.5, webhookId: '17' } },
    });
  });

  it('may send types that are ignored, before the transform and without an id', () => {
    expect(read({ meta: { kind: 'heartbeat' } }, source)).toMatchObject({ kind: 'ignored' });
    expect(read({ type: 'ping' })).toEqual({ kind: 'ignored', webhookId: 'evt_1' });
  });

  it('is judged after the transform', () => {
    expect(read({ ...own, points: 11 }, source)).toMatchObject({ reason: 'structure', errors: [{ pointer: '/data/score' }] });
  });

  it('needs its id', () => {
    const seen = read({ ...own, meta: {} }, source);
    expect(seen).toMatchObject({ reason: 'event-id', errors: [{ pointer: '/meta/id' }] });
    expect(seen.webhookId).toMatch(/^sha256-[A-Za-z0-9_-]{43}$/);
    expect(read({ ...own, meta: {} }, source).webhookId).toBe(seen.webhookId);
  });

  it('may have a transform that fails; the reason does not quote the event', () => {
    const failing = make({ transform: '{"type": user + 1}' });
    const seen = read({ user: 'secret-person' }, failing);
    expect(seen).toMatchObject({ reason: 'transform' });
    expect(JSON.stringify(seen)).not.toContain('secret-person');
    expect(read({}, make({ transform: 'nothing.here' }))).toMatchObject({ reason: 'transform' });
  });
});
