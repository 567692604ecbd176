import fc from 'fast-check';
import ICAL from 'ical.js';
import ical, { type VEvent } from 'node-ical';
import { parseInstant } from '@schoolbell/time';
import { describe, expect, it } from 'vitest';
import { lessonUid } from './uid.ts';
import { writeCalendar, type Calendar, type CalendarEvent } from './write.ts';

const START = parseInstant('2026-03-29T00:30:00Z');
const event: CalendarEvent = { uid: lessonUid('l1'), sequence: 3, start: START, end: START + 3_600_000, status: 'CONFIRMED', summary: 'Lesson' };
const invitation = (changes: Partial<Calendar> = {}): Calendar => ({
  method: 'REQUEST', stampedAt: START - 1_234, events: [event], organizer: { address: 'school@school.example', name: 'School' },
  attendees: [{ address: 'anna@people.example', name: 'Anna' }], ...changes,
});

/** What a calendar says, by one parser and by the other. */
function read(text: string) {
  const calendar = new ICAL.Component(ICAL.parse(text) as [string, unknown[], unknown[]]);
  const one = calendar.getFirstSubcomponent('vevent')!;
  const other = Object.values(ical.sync.parseICS(text)).find((part): part is VEvent => part?.type === 'VEVENT')!;
  const count = (name: string): number => one.getAllProperties(name).length;
  return { calendar, one: new ICAL.Event(one), component: one, other, count };
}

describe('writeCalendar', () => {
  it.each(['REQUEST', 'CANCEL'] as const)('writes what RFC 5546 requires of a %s', (method) => {
    const { calendar, one, other, count } = read(writeCalendar(invitation({ method })));
    expect(calendar.getFirstPropertyValue('method')).toBe(method);
    expect(calendar.getFirstPropertyValue('version')).toBe('2.0');
    expect(calendar.getFirstPropertyValue('prodid')).toBeTruthy();
    for (const name of ['uid', 'dtstamp', 'dtstart', 'dtend', 'organizer', 'sequence', 'summary', 'status', 'attendee']) expect([name, count(name)]).toEqual([name, 1]);
    expect(count('rrule') + count('recurrence-id') + count('duration')).toBe(0);
    expect([one.uid, one.sequence, one.summary, one.organizer]).toEqual(['l1@schoolbell', 3, 'Lesson', 'mailto:school@school.example']);
    expect([other.uid, Number(other.sequence), other.summary]).toEqual(['l1@schoolbell', 3, 'Lesson']);
    expect([other.start.getTime(), other.end?.getTime()]).toEqual([event.start, event.end]);
    expect([one.startDate.toJSDate().getTime(), one.endDate.toJSDate().getTime()]).toEqual([event.start, event.end]);
  });
  it('writes instants in UTC, with the zone of nobody', () => {
    const text = writeCalendar(invitation());
    expect(text).toContain('\r\nDTSTART:20260329T003000Z\r\n');
    expect(text).toContain('\r\nDTSTAMP:20260329T002958Z\r\n');
    expect(text).not.toContain('TZID');
  });
  it('refuses a message from or to nobody', () => {
    expect(() => writeCalendar(invitation({ attendees: [] }))).toThrow(RangeError);
    expect(() => writeCalendar({ method: 'CANCEL', stampedAt: START, events: [event], attendees: [{ address: 'a@b.example' }] })).toThrow(RangeError);
  });
  it('lets no text break out of its property', () => {
    const seed = 4_004;
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (noise) => {
        const text = `${noise}\r\nATTENDEE:mailto:eve@evil.example\r\nEND:VEVENT";CN=x,\\n`;
        const written = writeCalendar(invitation({
          events: [{ ...event, summary: text, description: text }], attendees: [{ address: 'anna@people.example', name: text }],
        }));
        const { component, one, count } = read(written);
        expect(count('attendee')).toBe(1);
        expect(component.getFirstProperty('attendee')!.getFirstValue()).toBe('mailto:anna@people.example');
        expect(one.uid).toBe('l1@schoolbell');
        for (const line of written.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
        // Nothing but CRLF ends a line.
        expect(written.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
      }),
      { seed, numRuns: 200 },
    );
  });
  it('keeps the words of a text, whatever separators it has', () => {
    const summary = 'Lesson; Anna, Bob \\ "x"\nnew line';
    const { one, other } = read(writeCalendar(invitation({ events: [{ ...event, summary }] })));
    expect(one.summary).toBe(summary);
    expect(other.summary).toBe(summary);
  });
});
