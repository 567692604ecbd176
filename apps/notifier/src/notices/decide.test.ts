import { SCHEDULING_TRANSITIONS, type SchedulingTransition } from '@schoolbell/contracts';
import { parseInstant } from '@schoolbell/time';
import { describe, expect, it } from 'vitest';
import { data, lesson, offered, REQUEST, SAMPLES } from '../../test/happenings.ts';
import { decide, noticeKind, readersOf, type Happening } from './decide.ts';
import { NOTICE_KINDS } from './notice.ts';

const managers = [{ id: 'mia', role: 'manager' as const, zone: 'Europe/London', locale: 'en' }];
const happening = (transition: SchedulingTransition, changes: Parameters<typeof data>[0] = {}, eventId = 'e1'): Happening =>
  ({ eventId, transition, data: data({ managers, ...changes }) });
const heard = (transition: SchedulingTransition, changes?: Parameters<typeof data>[0]): string[] => readersOf(happening(transition, changes)).map(({ id }) => id);
const NOW = parseInstant('2026-11-25T12:31:00.000Z');

describe('who hears', () => {
  it('is for every transition everybody, with these exceptions', () => {
    const table = Object.fromEntries((Object.keys(SCHEDULING_TRANSITIONS) as SchedulingTransition[])
      .map((transition) => [transition, heard(transition).join(' ')] as const).filter(([, who]) => who !== 'tom anna paul'));
    expect(table).toEqual({
      'lesson.lapsed': 'tom anna paul mia', 'lesson.manager-asked': 'mia', 'lesson.set': 'tom anna paul mia',
      'lesson.limit-extended': 'tom anna paul mia', 'lesson.uncovered': 'tom anna paul mia', 'lesson.completed': '', 'package.too-small': 'paul mia',
      'package.size-accepted': 'paul mia',
    });
  });
  it('has a sample of every kind, and each is told as that kind', () => {
    for (const kind of NOTICE_KINDS) expect(noticeKind(SAMPLES[kind].transition, data(SAMPLES[kind].changes))).toBe(kind);
  });
  it('is also a teacher who was replaced', () => {
    expect(heard('package.teacher-replaced', { former: [{ id: 'tim', role: 'teacher', zone: 'Europe/Berlin', locale: 'en' }] })).toEqual(['tom', 'anna', 'paul', 'tim']);
  });
  it('is nobody twice, whatever roles a person has', () => {
    const people = [...data().people, { id: 'tom', role: 'partner' as const, zone: 'Europe/Berlin', locale: 'ru' }];
    expect(readersOf(happening('move.requested', { people })).filter(({ id }) => id === 'tom')).toMatchObject([{ role: 'teacher', zone: 'America/New_York' }]);
  });
  it('is told once of a new time-zone database: by the question, where there is one', () => {
    expect(heard('lesson.instant-kept', { requestId: REQUEST, requestOrigin: 'tz-database', lessons: [offered()] })).toEqual([]);
    expect(heard('lesson.instant-kept', { lessons: [lesson()] })).toEqual(['tom', 'anna', 'paul']);
  });
  it('knows what they did themselves', () => {
    expect(readersOf(happening('move.requested')).map(({ id, own }) => [id, own])).toEqual([['tom', false], ['anna', true], ['paul', false]]);
  });
});

describe('a reminder that is late', () => {
  const request = { requestId: REQUEST, requestVersion: 3, offer: 1, lessons: [offered()] };
  const reminder = happening('move.reminded', request);
  const told = (batch: Happening[], now = NOW): string[] => decide(batch, now).filter(({ readers }) => readers.length > 0).map(({ transition }) => transition);

  it('is told while the offer stands', () => expect(told([reminder])).toEqual(['move.reminded']));
  it('is part of what came of the offer, in whatever order the two arrive', () => {
    const approved = happening('move.approved', { ...request, requestVersion: 4 }, 'e2');
    expect(told([reminder, approved])).toEqual(['move.approved']);
    expect(told([approved, reminder])).toEqual(['move.approved']);
  });
  it('is not overtaken by what was before it, or by another request', () => {
    expect(told([happening('move.requested', request, 'e0'), reminder])).toEqual(['move.requested', 'move.reminded']);
    expect(told([reminder, happening('move.approved', { ...request, requestId: 'another', requestVersion: 9 }, 'e2')])).toHaveLength(2);
  });
  it('is left to the next notice once the deadline is past', () => {
    expect(told([reminder], parseInstant('2026-11-27T08:49:59.999Z'))).toHaveLength(1);
    expect(told([reminder], parseInstant('2026-11-27T08:50:00.000Z'))).toEqual([]);
  });
});
