import { z } from 'zod';
import { Identifier } from '../identifiers.ts';
import { COMMAND_TIMEOUT_MS, defineRequest, QUESTION_TIMEOUT_MS } from './definition.ts';
import { instant } from './fields.ts';

/** What a participant may answer from a link, beside the platform's own pages. */
export const ANSWER_VERBS = ['approve', 'decline', 'counter', 'propose', 'restore'] as const;
export type AnswerVerb = (typeof ANSWER_VERBS)[number];

/** Whom a link was minted for. Scheduling asks its own rows what they may do. */
const Participant = z.object({ personId: Identifier, role: z.enum(['teacher', 'student', 'partner']), requestId: z.uuid() });

/** Carries out one answer, with the same rules and the same state machine as the HTTP API. */
export const schedulingAnswer = defineRequest({
  subject: 'request.scheduling.answer',
  request: Participant.extend({
    verb: z.enum(ANSWER_VERBS),
    /** The offer that is answered: a newer one is not touched. Not for `propose` and `restore`. */
    offer: z.int().positive().optional(),
    /** The request's version that the person has seen, for `propose` and `restore`. */
    version: z.int().positive().optional(),
    /** The new start, for `counter` and `propose`. */
    to: instant.regex(/:00(?:\.000)?Z$/, 'to the minute').optional(),
    /** The same key is carried out once and answered the same. */
    key: z.string().min(1).max(128),
  }),
  reply: z.discriminatedUnion('outcome', [
    z.object({ outcome: z.literal('done') }),
    z.object({ outcome: z.literal('refused'), code: z.string(), detail: z.string() }),
  ]),
  timeoutMs: COMMAND_TIMEOUT_MS,
  description: 'A participant answers an open offer, proposes a time, or puts a lesson back to its old one.',
});

/** How a move request stands for one of its participants. Changes nothing. */
export const MoveStanding = z.object({
  status: z.enum(['offered', 'waiting', 'closed']),
  outcome: z.string().optional(),
  version: z.int(),
  /** The open offer. */
  offer: z.int().positive().optional(),
  /** What this person may do now. */
  may: z.array(z.enum(ANSWER_VERBS)),
  lessons: z.array(
    z.object({ lessonId: z.string(), status: z.string(), start: instant, offeredStart: instant.optional(), answerBy: instant.optional() }),
  ),
});
export type MoveStanding = z.infer<typeof MoveStanding>;

export const schedulingStanding = defineRequest({
  subject: 'request.scheduling.standing',
  request: Participant,
  /** Null: there is no such request, or this person takes no part in it. */
  reply: MoveStanding.nullable(),
  timeoutMs: QUESTION_TIMEOUT_MS,
  description: 'How a move request stands, and what a participant may do about it.',
});
