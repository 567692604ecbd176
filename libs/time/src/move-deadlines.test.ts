import { describe, expect, it } from 'vitest';
import { moveDeadlines, offerTimeRefusal } from './move-deadlines.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const O = Date.UTC(2026, 10, 25, 13, 30);
const now = O - 48 * HOUR;

describe('an offered start', () => {
  it('is refused until more than ten minutes remain, to the millisecond', () => {
    expect(offerTimeRefusal(now, O, now - 1)).toBe('IN_THE_PAST');
    expect(offerTimeRefusal(now, O, now)).toBe('IN_THE_PAST');
    expect(offerTimeRefusal(now, O, now + 1)).toBe('TOO_NEAR');
    expect(offerTimeRefusal(now, O, now + 10 * MINUTE)).toBe('TOO_NEAR');
    expect(offerTimeRefusal(now, O, now + 10 * MINUTE + 1)).toBeUndefined();
  });
  it('is refused when it changes nothing', () => {
    expect(offerTimeRefusal(now, O, O)).toBe('SAME_TIME');
    expect(offerTimeRefusal(now, O, O + 1)).toBeUndefined();
    expect(offerTimeRefusal(now, O, O - 1)).toBeUndefined();
  });
});

describe('deadlines of an offer', () => {
  it('later: a reminder an hour before the old start, the end ten minutes before the new one', () => {
    expect(moveDeadlines(now, O, O + HOUR)).toEqual({
      direction: 'later', autoDeclineAt: O + 50 * MINUTE, remindAt: O - HOUR,
    });
  });
  it('folds the reminder into the notice from the very millisecond at which it is due', () => {
    expect(moveDeadlines(O - HOUR - 1, O, O + HOUR).remindAtOnce).toBeUndefined();
    expect(moveDeadlines(O - HOUR, O, O + HOUR)).toMatchObject({ remindAt: O - HOUR, remindAtOnce: true });
  });
  it('earlier: a second notice ten minutes before the old start', () => {
    expect(moveDeadlines(now, O, O - HOUR)).toEqual({
      direction: 'earlier', autoDeclineAt: O - 70 * MINUTE, unfinishedNoticeAt: O - 10 * MINUTE,
    });
  });
});
