/**
 * What mail is about, as far as somebody may not want it. `offers`: an open offer or its deadline; it cannot be switched
 * off. The inbox always has everything.
 */
export const MAIL_TOPICS = ['offers', 'outcomes', 'awaiting', 'packages', 'zone-rules'] as const;
export type MailTopic = (typeof MAIL_TOPICS)[number];
export const OPTIONAL_TOPICS = ['outcomes', 'awaiting', 'packages', 'zone-rules'] as const satisfies readonly MailTopic[];
export type OptionalTopic = (typeof OPTIONAL_TOPICS)[number];

/** May a mail of this topic be sent to somebody who does not want `unwanted`? */
export const mayMail = (topic: MailTopic, unwanted: readonly string[]): boolean => topic === 'offers' || !unwanted.includes(topic);
