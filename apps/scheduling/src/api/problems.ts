import { Problem } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';
import type { Refusal, RefusalCode } from '../moves/refusals.ts';
import type { SaleRefusal } from '../packages/sell.ts';
import type { Stale, Unknown } from '../store/perform.ts';

/** The edge where refusals get their HTTP status: 403 who, 409 what is, 422 what is asked. */
const FORBIDDEN: readonly RefusalCode[] = [
  'not-a-participant', 'role-may-not-move', 'own-offer', 'not-your-request', 'role-may-not-decide', 'role-may-not-cancel', 'role-may-not-report',
  'not-your-report',
];
const CONFLICT: readonly RefusalCode[] = [
  'teacher-busy', 'student-busy', 'too-late-to-ask', 'lesson-not-scheduled', 'lesson-not-lapsed', 'request-open',
  'request-closed', 'no-open-offer', 'offer-expired', 'offer-superseded', 'lesson-not-offered', 'offer-open', 'restore-too-late', 'original-slot-held',
  'too-late-to-cancel', 'not-over-yet', 'too-late-to-report', 'lesson-final', 'lesson-not-held', 'already-reported', 'lessons-break-rules', 'package-collides', 'trial-taken',
  'already-agreed', 'package-frozen', 'package-not-frozen', 'package-not-active', 'group-not-small', 'group-empty',
];

function statusOf(code: RefusalCode): number {
  if (FORBIDDEN.includes(code)) return 403;
  return CONFLICT.includes(code) ? 409 : 422;
}

/** A refused rule as a problem: its code, its sentence, and the lessons it concerns. */
export function refused({ code, detail, lessons, requestId, offer, slots }: SaleRefusal | Refusal & { slots?: undefined }): Problem {
  return new Problem({
    status: statusOf(code),
    code,
    title: detail,
    extensions: {
      ...(requestId === undefined ? {} : { requestId }),
      ...(offer === undefined ? {} : { offer }),
      ...(lessons === undefined ? {} : {
        lessons: lessons.map(({ lessonId, oldStart, newStart, codes }) =>
          ({ lessonId, oldStart: formatInstant(oldStart), newStart: formatInstant(newStart), codes })),
      }),
      ...(slots === undefined ? {} : { slots: slots.map(({ start, ...slot }) => ({ ...slot, start: formatInstant(start) })) }),
    },
  });
}

export const unknownThing = (what: string, detail?: string): Problem =>
  new Problem({ status: 404, code: `${what}-unknown`, title: `There is no such ${what}.`, ...(detail === undefined ? {} : { detail: `${detail}.` }) });

export function stale({ stale: { version } }: Stale): Problem {
  return new Problem({
    status: 412, code: 'version-stale', title: 'It has changed since.', detail: `Its version is ${version} by now: look at it again.`,
    extensions: { version },
  });
}

export const unknown = ({ unknown: what }: Unknown): Problem => unknownThing(what);
