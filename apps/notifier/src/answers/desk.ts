import { schedulingAnswer, schedulingStanding, type AnswerVerb, type MoveStanding } from '@schoolbell/contracts';
import { request, RequestFailed, type Nats } from '@schoolbell/messaging';
import type { Log } from '@schoolbell/service-kit';
import { formatInstant, type Clock } from '@schoolbell/time';
import type { LinkKeys } from '../links/keys.ts';
import { isAnswerToken, itemOfToken } from '../links/links.ts';
import type { Notice } from '../notices/notice.ts';
import { answerKey, isOwnForm, mintForm } from './forms.ts';
import { offeredBy, type Offered } from './offered.ts';
import type { AnswerStore, GivenAnswer } from './store.ts';

/** Notices whose readers may answer: of managers and of the time before there were requests there is no link. */
export type AnswerableNotice = Notice & { readonly role: 'teacher' | 'student' | 'partner'; readonly data: { readonly requestId: string } };

/** What a page shows. */
export interface Sight {
  readonly notice: AnswerableNotice;
  /** Undefined: scheduling does not answer now. Null: this person takes no part any more. */
  readonly standing: MoveStanding | null | undefined;
  readonly offered: Offered;
  /** What was answered by this link and counts. */
  readonly answered: GivenAnswer | undefined;
  readonly form: string;
}

/** What became of a press of a button. */
export type Pressed =
  | { readonly kind: 'done' }
  | { readonly kind: 'refused'; readonly code: string; readonly detail: string }
  /** Scheduling does not answer; the same form may be sent again. */
  | { readonly kind: 'unreachable' }
  /** The form is another's, or too old. */
  | { readonly kind: 'form-invalid' };

export interface AnswerDesk {
  /** The notice of a token; undefined for whatever is no token of ours. */
  open(token: string): Promise<AnswerableNotice | undefined>;
  /** Changes nothing. */
  look(notice: AnswerableNotice): Promise<Sight>;
  press(notice: AnswerableNotice, form: string, verb: AnswerVerb, toMs: number | undefined): Promise<Pressed>;
}

export function createAnswerDesk(deps: {
  findNotice: (id: string) => Promise<Notice | undefined>;
  store: AnswerStore;
  keys: LinkKeys;
  nats: Nats;
  clock: Clock;
  log: Log;
}): AnswerDesk {
  const { store, keys, nats, clock, log } = deps;

  const participant = ({ readerId: personId, role, data: { requestId } }: AnswerableNotice) => ({ personId, role, requestId });

  async function standingOf(notice: AnswerableNotice): Promise<MoveStanding | null | undefined> {
    try {
      return await request(nats, schedulingStanding, participant(notice));
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      log.warn({ err: error }, 'scheduling does not say how a request stands');
      return undefined;
    }
  }

  return {
    async open(token) {
      const named = itemOfToken(token);
      const notice = named && (await deps.findNotice(named.id));
      if (notice === undefined || !isAnswerToken(keys, notice, named!.signature)) return undefined;
      return isAnswerable(notice) ? notice : undefined;
    },
    async look(notice) {
      const [standing, answered] = await Promise.all([standingOf(notice), store.done(notice.id)]);
      const offered = standing == null || answered !== undefined ? { verbs: [] } : offeredBy(notice, standing);
      return { notice, standing, offered, answered, form: mintForm(keys, notice.id, clock.now()) };
    },
    async press(notice, form, verb, toMs) {
      if (!isOwnForm(keys, form, notice.id, clock.now())) return { kind: 'form-invalid' };
      // The second click is shown what the first one did.
      if ((await store.done(notice.id)) !== undefined) return { kind: 'done' };
      const key = answerKey(form, verb, toMs);
      const known = await store.begin({ key, itemId: notice.id, verb, toMs }, clock.now());
      if (known.outcome === 'done') return { kind: 'done' };
      try {
        const { offer, requestVersion: version } = notice.data;
        const bound = verb === 'propose' || verb === 'restore' ? { version } : { offer };
        const reply = await request(nats, schedulingAnswer, { ...participant(notice), ...bound, verb, key, ...(toMs === undefined ? {} : { to: formatInstant(toMs) }) });
        await store.finish(key, reply.outcome, reply.outcome === 'refused' ? reply.code : null);
        return reply.outcome === 'done' ? { kind: 'done' } : { kind: 'refused', code: reply.code, detail: reply.detail };
      } catch (error) {
        if (!(error instanceof RequestFailed)) throw error;
        log.warn({ err: error, item: notice.id }, 'an answer did not reach scheduling');
        return { kind: 'unreachable' };
      }
    },
  };
}

const isAnswerable = (notice: Notice): notice is AnswerableNotice => notice.role !== 'manager' && notice.data.requestId !== undefined;
