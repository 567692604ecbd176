export { lessonUid } from './uid.ts';
export { writeCalendar, type Calendar, type CalendarEvent, type CalendarMethod, type CalendarPerson, type CalendarStatus } from './write.ts';
