/** The UID of a lesson in every calendar: the feed and the mails must name it alike, or it stands there twice. */
export const lessonUid = (lessonId: string): string => `${lessonId}@schoolbell`;
