import { formatInstant } from '@schoolbell/time';
import { foldLine, parameterValue, textValue } from './lines.ts';

/**
 * Calendars as text (RFC 5545), and as messages between people (RFC 5546). Instants stand in UTC: a client applies its
 * own rules to a named zone, so a VTIMEZONE could not carry a change of rules anyway. No RRULE: each lesson moves by itself.
 */
const PRODUCT = '-//Schoolbell//Lessons//EN';

/** `PUBLISH`: a feed. `REQUEST`: scheduled or changed. `CANCEL`: will not take place. */
export type CalendarMethod = 'PUBLISH' | 'REQUEST' | 'CANCEL';
export type CalendarStatus = 'CONFIRMED' | 'TENTATIVE' | 'CANCELLED';

/** Somebody with an address, as ORGANIZER or ATTENDEE. */
export interface CalendarPerson {
  readonly address: string;
  readonly name?: string | undefined;
}

/** One VEVENT. */
export interface CalendarEvent {
  readonly uid: string;
  /** Rises with every published change of start, end or status: the highest obsoletes the others (RFC 5546, 2.1.5). */
  readonly sequence: number;
  /** Epoch ms. */
  readonly start: number;
  readonly end: number;
  readonly status: CalendarStatus;
  readonly summary: string;
  readonly description?: string | undefined;
}

export interface Calendar {
  readonly method: CalendarMethod;
  /** DTSTAMP, epoch ms: when this was written. */
  readonly stampedAt: number;
  readonly events: readonly CalendarEvent[];
  /** Whoever sends a REQUEST or CANCEL; both need one (RFC 5546, 3.2.2 and 3.2.5). */
  readonly organizer?: CalendarPerson;
  readonly attendees?: readonly CalendarPerson[];
}

/** The text of a calendar, with CRLF. @throws {RangeError} for a REQUEST or CANCEL that names nobody. */
export function writeCalendar({ method, stampedAt, events, organizer, attendees = [] }: Calendar): string {
  if (method !== 'PUBLISH' && (organizer === undefined || attendees.length === 0)) {
    throw new RangeError(`${method} needs an organizer and an attendee`);
  }
  const people = [
    ...(organizer === undefined ? [] : [`ORGANIZER${named(organizer)}:${mailto(organizer)}`]),
    // Nobody is asked by calendar: the answer is a link, so no client should offer to reply.
    ...attendees.map((one) => `ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=FALSE${named(one)}:${mailto(one)}`),
  ];
  const lines = [
    'BEGIN:VCALENDAR', 'VERSION:2.0', `PRODID:${PRODUCT}`, 'CALSCALE:GREGORIAN', `METHOD:${method}`,
    ...events.flatMap((event) => eventLines(event, stampedAt, people)),
    'END:VCALENDAR',
  ];
  return `${lines.map(foldLine).join('\r\n')}\r\n`;
}

const eventLines = (event: CalendarEvent, stampedAt: number, people: readonly string[]): string[] => [
  'BEGIN:VEVENT',
  `UID:${textValue(event.uid)}`,
  `SEQUENCE:${event.sequence}`,
  `DTSTAMP:${utc(stampedAt)}`,
  `DTSTART:${utc(event.start)}`,
  `DTEND:${utc(event.end)}`,
  `STATUS:${event.status}`,
  `SUMMARY:${textValue(event.summary)}`,
  ...(event.description === undefined ? [] : [`DESCRIPTION:${textValue(event.description)}`]),
  ...people,
  'END:VEVENT',
];

/** `20261125T133000Z`: to the second, as the format has no parts of one. */
const utc = (instant: number): string => formatInstant(instant).replace(/[-:]|\.\d{3}/g, '');
const named = ({ name }: CalendarPerson): string => (name === undefined ? '' : `;CN=${parameterValue(name)}`);
const mailto = ({ address }: CalendarPerson): string => `mailto:${encodeURI(address)}`;
