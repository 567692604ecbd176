import type { Clause, Words } from './words.ts';

/**
 * Names and roles stand only in the nominative, and what others do is said in the present tense: the past would need
 * their gender.
 */

/** The form that a number asks for: 1 урок, 2 урока, 5 уроков. Source: CLDR, plural rules of Russian for whole numbers. */
export function plural<Form>(n: number, one: Form, few: Form, many: Form): Form {
  const [tens, units] = [n % 100, n % 10];
  if (units === 1 && tens !== 11) return one;
  return units >= 2 && units <= 4 && !(tens >= 12 && tens <= 14) ? few : many;
}

const counted = (n: number): string => `${n} ${plural(n, 'урок', 'урока', 'уроков')}`;
/** Whom: an inanimate accusative is the nominative. */
const lessons = ({ lessons: n }: Clause): string => (n === 1 ? 'урок' : n === 0 ? 'уроки' : counted(n));
/** Of whom. */
const ofLessons = ({ lessons: n }: Clause): string =>
  (n === 1 ? 'урока' : n === 0 ? 'уроков' : `${n} ${plural(n, 'урока', 'уроков', 'уроков')}`);
const by = (clause: Clause, you: string, other: string): string => (clause.by.you ? `Вы ${you}` : `${clause.by.name} ${other}`);
const some = (n: number, one: string, more: (n: number) => string): string[] => (n === 0 ? [] : [n === 1 ? one : more(n)]);
const PARTS: Readonly<Record<string, string>> = {
  test: 'Тест выполнен', essay: 'Эссе выполнено', lesson: 'Урок проведён',
};

export const ru: Words = {
  you: 'вы',
  roleName(role, reader) {
    if (role === 'teacher') return reader === 'student' || reader === 'partner' ? 'ваш преподаватель' : 'преподаватель';
    if (role === 'student') return reader === 'teacher' ? 'ваш ученик' : 'ученик';
    return role === 'partner' ? 'партнёр' : 'менеджер школы';
  },
  headline: {
    asked: (c) => by(c, `попросили перенести ${lessons(c)}`, `просит перенести ${lessons(c)}`),
    proposed: (c) => by(c, `предложили новое время для ${ofLessons(c)}`, `предлагает новое время для ${ofLessons(c)}`),
    countered: (c) => by(c, `предложили другое время для ${ofLessons(c)}`, `предлагает другое время для ${ofLessons(c)}`),
    agreed: (c) => by(c, `согласились на новое время ${ofLessons(c)}`, `соглашается на новое время ${ofLessons(c)}`),
    approved: ({ lessons: n }) =>
      (n === 1 ? 'Урок перенесён: все согласны' : `${plural(n, 'Перенесён', 'Перенесены', 'Перенесено')} ${counted(n)}: все согласны`),
    declined: (c) => by(c, `отклонили новое время ${ofLessons(c)}`, `отклоняет новое время ${ofLessons(c)}`),
    withdrawn: (c) => by(c, `отозвали просьбу перенести ${lessons(c)}`, `отзывает просьбу перенести ${lessons(c)}`),
    expired: (c) => (c.byDatabase ? 'Решения нет: урок остаётся как есть' : 'Согласия в срок нет: новое время урока отклонено'),
    closed: (c) => `Просьба перенести ${lessons(c)} закрыта`,
    reminded: (c) => `Новое время ${ofLessons(c)} всё ещё ждёт ответа`,
    unfinished: (c) => `Прежнее время ${ofLessons(c)} упущено: нужно новое`,
    detached: () => 'Урок больше не входит в перенос своей серии',
    restored: (c) => by(c, 'вернули урок на прежнее время', 'возвращает урок на прежнее время'),
    'followed-up': () => 'Урок всё ещё ждёт нового времени',
    'limit-neared': () => 'Срок подходит к концу: урок всё ещё ждёт нового времени',
    lapsed: ({ reader }) =>
      (reader === 'manager' ? 'Урок ждёт вашего решения: новое время не согласовано' : 'Новое время не согласовано: об уроке решает менеджер школы'),
    'manager-asked': () => 'Урок всё ещё ждёт вашего решения',
    'time-set': (c) => by(c, 'назначили новое время урока', 'назначает новое время урока'),
    'limit-extended': (c) => by(c, 'продлили срок для нового времени урока', 'продлевает срок для нового времени урока'),
    'zone-rules-asked': () => 'Новые правила часового пояса сдвинули бы урок: пожалуйста, ответьте',
    'zone-rules-moved-offer': () => 'Новые правила часового пояса сдвигают предложенное время урока',
    'zone-rules-moved': () => 'Новые правила часового пояса сдвигают урок',
    'zone-rules-kept': () => 'Новые правила часового пояса сдвинули бы урок: пока он остаётся на своём месте',
    uncovered: (c) => (c.reader === 'teacher' ? `Ваш контракт больше не охватывает ${lessons(c)}` : `Контракт преподавателя больше не охватывает ${lessons(c)}`),
    missed: () => 'На уроке присутствовали не все',
    cancelled: (c) => (c.by.system ? 'Урок отменён' : by(c, 'отменили урок', 'отменяет урок')),
    suspended: () => 'Урок не состоится, потому что пакет приостановлен: нужно новое время',
    sold: ({ lessons: n }) =>
      (n === 1 ? 'Пакет куплен: урок назначен' : `Пакет куплен: ${plural(n, 'назначен', 'назначены', 'назначено')} ${counted(n)}`),
    'seat-joined': ({ person }) => (person.you ? 'Вы присоединились к группе' : `${person.name} присоединяется к группе`),
    'seat-left': ({ person }) => (person.you ? 'Вы покинули группу' : `${person.name} покидает группу`),
    'too-small': () => 'В группе слишком мало учеников',
    'size-accepted': () => 'Группа продолжает заниматься с одним учеником',
    'teacher-replaced': ({ person, former }) => {
      if (former) return 'Ваши будущие уроки переходят к другому преподавателю';
      return person.you ? 'Вы принимаете будущие уроки' : `${person.name} принимает будущие уроки`;
    },
    'part-done': ({ part = '' }) => `Оценка уровня: ${PARTS[part]?.toLowerCase() ?? 'часть выполнена'}`,
    'package-completed': () => 'Оценка уровня завершена',
    'package-frozen': () => 'Пакет приостановлен: уроки не проводятся и не переносятся',
    'package-resumed': () => 'Пакет снова действует',
    'package-cancelled': () => 'Пакет отменён, и его будущие уроки тоже',
  },
  first: (when) => `первый: ${when}`,
  reminderIncluded: 'До прежнего времени остаётся меньше часа.',
  endings: ({ back, pastStart, slotTaken }) => [
    ...some(back, 'Урок снова стоит на прежнем времени.', (n) => `На прежнее время ${plural(n, 'возвращается', 'возвращаются', 'возвращаются')} ${counted(n)}.`),
    ...some(pastStart, 'Прежнее время уже прошло, поэтому урок ждёт нового.', (n) => `Прежнее время прошло, поэтому нового ${plural(n, 'ждёт', 'ждут', 'ждут')} ${counted(n)}.`),
    ...some(slotTaken, 'Прежнее время уже занято, поэтому урок ждёт нового.', (n) => `Прежнее время занято, поэтому нового ${plural(n, 'ждёт', 'ждут', 'ждут')} ${counted(n)}.`),
  ],
  closedBecause: { 'teacher-replaced': 'Уроки принимает другой преподаватель.', 'group-changed': 'Состав группы изменился.' },
  reason: (text) => `Причина: ${text}`,
  yourAnswer: 'Нужен ваш ответ.',
  waitingFor: (names) => `Ждём ответа, отвечают: ${names}.`,
  notAnswered: (names) => `Согласия не хватило, не ответили: ${names}.`,
  leftOut: (n) => `Не ${plural(n, 'переносится', 'переносятся', 'переносятся')} и ${plural(n, 'остаётся', 'остаются', 'остаются')} на своём времени: ${counted(n)}.`,
  anySideProposes: 'Новое время может предложить любая сторона.',
  restorable: (until) => `Вернуть урок на прежнее время любая сторона может до ${until}.`,
  absent: (names, who) => `Отсутствие отмечено: ${names}. Сообщает: ${who}.`,
  uncovered: 'Нужно новое время или другой преподаватель.',
  tooSmall: (reader) => (reader === 'manager' ? 'Пожалуйста, решите вместе с партнёром, что с ней будет.' : 'Пожалуйста, сообщите школе, что с ней будет.'),
  wallClockStays: (city) => `Согласованное время по часам города ${city} не меняется.`,
  ifNobody: {
    declined: (time) => `Если согласия не будет до ${time}, система отклонит предложение, и урок будет ждать другого времени.`,
    oldTimeLost: (time) => `Начиная с ${time} вернуть урок на прежнее время уже нельзя.`,
    detached: (time) => `Без согласия каждый урок выходит из переноса за десять минут до своего нового времени, первый: ${time}.`,
    staysAsItIs: (time) => `Если согласия не будет до ${time}, урок останется на нынешнем времени.`,
    lapses: (time) => `Если новое время не согласовать до ${time}, об уроке решит менеджер школы.`,
    remindedAgain: (time) => `Следующее напоминание: ${time}.`,
  },
};
