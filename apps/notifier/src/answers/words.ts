import type { AnswerVerb } from '@schoolbell/contracts';
import type { ReaderLanguage } from '@schoolbell/time/zones';

/** Words of the answer page. */
export interface AnswerWords {
  readonly title: string;
  readonly old: string;
  readonly new: string;
  readonly time: string;
  readonly verbs: Readonly<Record<AnswerVerb, string>>;
  readonly date: string;
  readonly clock: string;
  readonly yourZone: (place: string) => string;
  readonly otherTime: string;
  /** What the reader has answered, as a whole sentence. */
  readonly answered: Readonly<Record<AnswerVerb, (when: string) => string>>;
  readonly superseded: string;
  readonly movedOn: string;
  readonly closed: (outcome: string | undefined) => string;
  readonly waitsForOthers: string;
  readonly notYours: string;
  readonly unreachable: string;
  readonly unreachableAnswer: string;
  readonly tryAgain: string;
  readonly formInvalid: string;
  readonly timeInvalid: string;
  readonly refused: (code: string, detail: string) => string;
  readonly nowHeading: string;
  readonly oneClick: string;
}

const OUTCOMES_EN: Readonly<Record<string, string>> = {
  approved: 'Everybody has agreed: the new time stands.',
  declined: 'The offer was declined.',
  withdrawn: 'Who asked has taken it back.',
  expired: 'Nobody agreed in time.',
  restored: 'The lesson is back at its old time.',
  lapsed: 'No time was agreed in time: the manager decides.',
};
const OUTCOMES_RU: Readonly<Record<string, string>> = {
  approved: 'Все согласились: действует новое время.',
  declined: 'Предложение отклонено.',
  withdrawn: 'Просьба отозвана.',
  expired: 'Вовремя никто не согласился.',
  restored: 'Урок вернулся на прежнее время.',
  lapsed: 'Время не было согласовано до срока: решает менеджер.',
};
/** Where what scheduling says is for those who call it, not for those who click. */
const REFUSALS_EN: Readonly<Record<string, string>> = {
  'lesson-not-offered': 'The first lesson is no longer part of this offer: see the newest mail.',
};
/** Refusals of scheduling that a click can meet; the others are told in general words. */
const REFUSALS_RU: Readonly<Record<string, string>> = {
  'offer-in-past': 'Предложенное время уже прошло.',
  'offer-too-near': 'Предложенное время слишком близко: нужно больше 10 минут.',
  'offer-same-time': 'Это то время, которое у урока уже есть.',
  'beyond-package-limit': 'Урок закончился бы после пакета и его резервных недель.',
  'beyond-contract-end': 'Урок закончился бы после договора преподавателя.',
  'outside-contract': 'В это время у преподавателя нет договора.',
  'outside-working-hours': 'Это время вне рабочих часов преподавателя.',
  'teacher-day-off': 'В этот день у преподавателя выходной.',
  'teacher-busy': 'Преподаватель в это время занят.',
  'student-busy': 'Ученик в это время занят.',
  'offer-expired': 'Срок предложения истёк: предложите новое время.',
  'offer-superseded': 'Предложение заменено более новым: ответьте на него.',
  'lesson-not-offered': 'Первый урок больше не входит в это предложение: смотрите последнее письмо.',
  'no-open-offer': 'Открытого предложения больше нет.',
  'request-closed': 'Этот перенос уже закончен.',
  'own-offer': 'Это предложение вашей стороны: отвечает другая сторона.',
  'restore-too-late': 'Вернуть прежнее время уже нельзя: предложите новое.',
  'original-slot-held': 'Прежнее время уже занято: предложите другое.',
  'version-stale': 'С тех пор всё изменилось: посмотрите, как обстоят дела теперь.',
  'lessons-break-rules': 'Часть уроков серии так перенести нельзя: решите это на платформе.',
};

export const answerWords: Readonly<Record<ReaderLanguage, AnswerWords>> = {
  en: {
    title: 'Your answer',
    old: 'Old time',
    new: 'New time',
    time: 'Time',
    verbs: { approve: 'Agree to the new time', decline: 'Decline', counter: 'Offer this time', propose: 'Propose this time', restore: 'Back to the old time' },
    date: 'Date',
    clock: 'Time of day',
    yourZone: (place) => `On the clocks of ${place}.`,
    otherTime: 'Another time',
    answered: {
      approve: (when) => `You agreed. Answered: ${when}.`,
      decline: (when) => `You declined. Answered: ${when}.`,
      counter: (when) => `You offered another time. Answered: ${when}.`,
      propose: (when) => `You proposed a time. Answered: ${when}.`,
      restore: (when) => `You put the lesson back to its old time. Answered: ${when}.`,
    },
    superseded: 'A newer offer has replaced this one. The newest mail about the lesson has the link that answers it.',
    movedOn: 'Things have changed since this mail. The newest mail about the lesson has the link that counts.',
    closed: (outcome) => `This move is over. ${OUTCOMES_EN[outcome ?? ''] ?? ''}`.trim(),
    waitsForOthers: 'There is nothing for you to answer now.',
    notYours: 'You take no part in this lesson any more.',
    unreachable: 'The timetable does not answer at the moment, so nobody can say how things stand. Nothing was lost: try again in a minute.',
    unreachableAnswer: 'The timetable did not answer. Nothing was lost: press the button again in a minute. Your answer counts once, however often you press.',
    tryAgain: 'Try again',
    formInvalid: 'This page was open for too long, or was not opened here. Press the button once more.',
    timeInvalid: 'That is no date and time of day. Choose both and try again.',
    refused: (code, detail) => `That was not possible: ${REFUSALS_EN[code] ?? detail}`,
    nowHeading: 'How it stands now',
    oneClick: 'One click answers. Nothing happens until you press a button.',
  },
  ru: {
    title: 'Ваш ответ',
    old: 'Прежнее время',
    new: 'Новое время',
    time: 'Время',
    verbs: { approve: 'Согласиться на новое время', decline: 'Отклонить', counter: 'Предложить это время', propose: 'Предложить это время', restore: 'Вернуть прежнее время' },
    date: 'Дата',
    clock: 'Время',
    yourZone: (place) => `По часам: ${place}.`,
    otherTime: 'Другое время',
    answered: {
      approve: (when) => `Вы согласились. Ответ дан: ${when}.`,
      decline: (when) => `Вы отклонили предложение. Ответ дан: ${when}.`,
      counter: (when) => `Вы предложили другое время. Ответ дан: ${when}.`,
      propose: (when) => `Вы предложили время. Ответ дан: ${when}.`,
      restore: (when) => `Вы вернули урок на прежнее время. Ответ дан: ${when}.`,
    },
    superseded: 'Это предложение заменено более новым. Ссылка для ответа — в последнем письме об этом уроке.',
    movedOn: 'С момента письма всё изменилось. Действует ссылка из последнего письма об этом уроке.',
    closed: (outcome) => `Этот перенос закончен. ${OUTCOMES_RU[outcome ?? ''] ?? ''}`.trim(),
    waitsForOthers: 'Сейчас от вас ответа не требуется.',
    notYours: 'Вы больше не участвуете в этом уроке.',
    unreachable: 'Расписание сейчас не отвечает, поэтому неизвестно, как обстоят дела. Ничего не потеряно: попробуйте через минуту.',
    unreachableAnswer: 'Расписание не ответило. Ничего не потеряно: нажмите кнопку ещё раз через минуту. Ответ засчитывается один раз, сколько бы вы ни нажимали.',
    tryAgain: 'Попробовать ещё раз',
    formInvalid: 'Страница была открыта слишком долго или открыта не здесь. Нажмите кнопку ещё раз.',
    timeInvalid: 'Это не дата и время. Выберите и то и другое и попробуйте ещё раз.',
    refused: (code) => `Не получилось: ${REFUSALS_RU[code] ?? `правила этого не позволяют (${code}).`}`,
    nowHeading: 'Как обстоят дела сейчас',
    oneClick: 'Достаточно одного нажатия. Пока вы не нажали кнопку, ничего не происходит.',
  },
};

/** For whoever has no valid link, so that nobody knows their language. */
export const UNKNOWN_LINK = [
  'This link leads nowhere. It may have been cut off: open it once more from the mail.',
  'Эта ссылка никуда не ведёт. Возможно, она обрезана: откройте её ещё раз из письма.',
] as const;
