import type { ReaderLanguage } from '@schoolbell/time/zones';
import type { OptionalTopic } from '../contacts/topics.ts';

/** Words of a mail that belong to no notice. */
export interface MailWords {
  readonly greeting: (name: string) => string;
  readonly old: string;
  readonly new: string;
  readonly time: string;
  readonly answer: string;
  readonly ways: string;
  readonly standing: string;
  readonly earlier: string;
  /** `Subject (and 2 more)` */
  readonly more: (subject: string, count: number) => string;
  readonly cannotSwitchOff: string;
  readonly unsubscribe: (topics: readonly OptionalTopic[]) => string;
  readonly calendar: Readonly<Record<'CONFIRMED' | 'TENTATIVE' | 'CANCELLED', string>>;
}

const TOPICS: Readonly<Record<ReaderLanguage, Readonly<Record<OptionalTopic, string>>>> = {
  en: { outcomes: 'what became of moves', awaiting: 'lessons that await a new time', packages: 'packages', 'zone-rules': 'time zone rules' },
  ru: { outcomes: 'исход переносов', awaiting: 'уроки без нового времени', packages: 'пакеты уроков', 'zone-rules': 'правила часовых поясов' },
};
const topicsIn = (language: ReaderLanguage, topics: readonly OptionalTopic[]): string => topics.map((topic) => TOPICS[language][topic]).join(', ');

export const mailWords: Readonly<Record<ReaderLanguage, MailWords>> = {
  en: {
    greeting: (name) => `Hello ${name},`,
    old: 'Old time',
    new: 'New time',
    time: 'Time',
    answer: 'Answer',
    ways: 'Choose what happens to the lesson',
    standing: 'See how it stands',
    earlier: 'Earlier',
    more: (subject, count) => `${subject} (and ${count} more)`,
    cannotSwitchOff: 'Mails about an open offer and its deadline cannot be switched off.',
    unsubscribe: (topics) => `No more mails of this kind (${topicsIn('en', topics)})`,
    calendar: { CONFIRMED: 'Lesson', TENTATIVE: 'Lesson (a new time is being agreed)', CANCELLED: 'Lesson (cancelled)' },
  },
  ru: {
    greeting: (name) => `Здравствуйте, ${name}!`,
    old: 'Прежнее время',
    new: 'Новое время',
    time: 'Время',
    answer: 'Ответить',
    ways: 'Решить, что будет с уроком',
    standing: 'Посмотреть, как обстоят дела',
    earlier: 'Ранее',
    more: (subject, count) => `${subject} (и ещё ${count})`,
    cannotSwitchOff: 'Письма об открытом предложении и его сроке отключить нельзя.',
    unsubscribe: (topics) => `Больше не присылать таких писем (${topicsIn('ru', topics)})`,
    calendar: { CONFIRMED: 'Урок', TENTATIVE: 'Урок (согласуется новое время)', CANCELLED: 'Урок (отменён)' },
  },
};
