import type { AnswerVerb, MoveStanding } from '@schoolbell/contracts';
import { formatInstant, MOVE_LEAD_MS } from '@schoolbell/time';
import { answeringVoices, missingVoices, voicesOfActor } from '../moves/consent.ts';
import { expiryOf } from '../moves/next-action.ts';
import { originalIsAhead } from '../moves/rules.ts';
import { itemOf, openItems, openOffer, type Actor, type Lesson, type Offer } from '../moves/state.ts';
import { mayMove, type SideRole } from '../packages/kinds.ts';
import type { FoundRequest } from './query.ts';

/** How a request stands for one participant; undefined for somebody who takes no part. A command decides again for itself. */
export function standingFor({ request, lessons, facts }: FoundRequest, by: Actor, now: number): MoveStanding | undefined {
  if (voicesOfActor(by, facts).length === 0) return undefined;
  const offer = openOffer(request);
  const item = (lesson: Lesson) => itemOf(request, lesson.id);
  // What has expired cannot be answered, also in the moment before the system says so.
  const open = offer !== undefined && lessons.some((lesson) => {
    const offered = item(lesson);
    return offered !== undefined && now < expiryOf(request, lesson, offered);
  });
  return {
    status: request.status,
    version: request.version,
    ...(request.outcome === undefined ? {} : { outcome: request.outcome }),
    ...(offer === undefined ? {} : { offer: offer.number }),
    may: [...(open ? answers(by, offer, facts, request.scope) : []), ...(request.status === 'waiting' ? ways(by, lessons, facts, now) : [])],
    // The offer's own order: a counter is about the first of it.
    lessons: [...inOrder(lessons, offer)].map((lesson) => {
      const offered = item(lesson);
      return {
        lessonId: lesson.id, status: lesson.status, start: formatInstant(lesson.start),
        ...(offered === undefined ? {} : { offeredStart: formatInstant(offered.start), answerBy: formatInstant(expiryOf(request, lesson, offered)) }),
      };
    }),
  };
}

function answers(by: Actor, offer: Offer, facts: FoundRequest['facts'], scope: 'lesson' | 'series'): AnswerVerb[] {
  const voices = answeringVoices(by, offer, facts);
  if (voices.length === 0) return [];
  const missing = missingVoices(offer, facts);
  return [
    ...(voices.some((voice) => missing.includes(voice)) ? ['approve' as const] : []),
    'decline',
    // A link names no lesson: its time is of the first, which must be part of the offer still.
    ...(mayMove(facts.kind, by.role as SideRole, scope) && offer.items[0]?.dropped === undefined ? ['counter' as const] : []),
  ];
}

/** Out of waiting: another time, or back to the old one while that is ahead. */
const ways = (by: Actor, lessons: readonly Lesson[], facts: FoundRequest['facts'], now: number): AnswerVerb[] => [
  ...(mayMove(facts.kind, by.role as SideRole, 'lesson') ? ['propose' as const] : []),
  ...(lessons.some((lesson) => lesson.status === 'awaiting' && originalIsAhead(lesson, now, MOVE_LEAD_MS)) ? ['restore' as const] : []),
];

function inOrder(lessons: readonly Lesson[], offer: Offer | undefined): readonly Lesson[] {
  const order = openItems(offer).map(({ lessonId }) => lessonId);
  if (order.length === 0) return lessons;
  return order.flatMap((id) => lessons.find((lesson) => lesson.id === id) ?? []);
}
