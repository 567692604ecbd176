import { ANSWER_VERBS, type AnswerVerb } from '@schoolbell/contracts';
import type { HttpServer, Log } from '@schoolbell/service-kit';
import type { Clock } from '@schoolbell/time';
import { isCalendarDate, isTimeOfDay, resolveWall, wallOf } from '@schoolbell/time/zones';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { ANSWER_PATH } from '../links/links.ts';
import type { RenderedNotice } from '../notices/notice.ts';
import { knownZone } from '../notices/times.ts';
import { isFromElsewhere, pageScope, type FormFields } from '../pages/scope.ts';
import { plainPage, sendPage } from '../pages/sheet.ts';
import type { AnswerableNotice, AnswerDesk } from './desk.ts';
import { answerPage, type Said } from './page.ts';
import { UNKNOWN_LINK } from './words.ts';

export interface AnswerRoutesDeps {
  readonly desk: AnswerDesk;
  /** In the reader's language, as of now. */
  readonly render: (notice: AnswerableNotice) => Promise<RenderedNotice>;
  readonly clock: Clock;
  readonly log: Log;
}

const params = z.object({ token: z.string().max(100) });
const tags = ['pages for people'];

/** The page behind the link of a mail. Looking at it changes nothing, whoever looks; only its own form answers. */
export function answerRoutes(app: HttpServer, { desk, render, clock, log }: AnswerRoutesDeps): void {
  async function show(reply: FastifyReply, notice: AnswerableNotice, said?: Said, form?: string): Promise<FastifyReply> {
    const sight = await desk.look(notice);
    // Where nothing can be answered any more, nobody is asked to.
    const over = sight.standing !== undefined && sight.offered.verbs.length === 0;
    const rendered = await render(over ? { ...notice, overtaken: true } : notice);
    // An answer that did not get through is sent again by the same form, and so counts once.
    return sendPage(reply, answerPage(sight, rendered, said, form ?? sight.form, clock.now()));
  }

  pageScope(app, log, (scope) => {
    const config = { access: 'own' } as const;
    scope.get(`${ANSWER_PATH}/:token`, { config, schema: { tags, summary: 'What is asked, and the buttons that answer it (HTML)', params } }, async (request, reply) => {
      const notice = await desk.open(request.params.token);
      return notice === undefined ? sendPage(reply, plainPage(404, UNKNOWN_LINK)) : show(reply, notice);
    });
    scope.post(`${ANSWER_PATH}/:token`, { config, schema: { tags, summary: 'Answer, by the form of that page', params } }, async (request, reply) => {
      const notice = await desk.open(request.params.token);
      if (notice === undefined) return sendPage(reply, plainPage(404, UNKNOWN_LINK));
      const fields = (request.body ?? {}) as FormFields;
      const pressed = readForm(fields, knownZone(notice.zone));
      if (pressed === undefined || isFromElsewhere(request)) return show(reply, notice, { kind: 'form-invalid' });
      if (pressed === 'time-invalid') return show(reply, notice, { kind: 'time-invalid' });
      const said = await desk.press(notice, fields['form'] ?? '', pressed.verb, pressed.toMs);
      return show(reply, notice, said, said.kind === 'unreachable' ? fields['form'] : undefined);
    });
  });
}

/** Undefined: no button of ours. A time is read on the clocks that the page shows; one that they skip moves forward with them. */
function readForm(fields: FormFields, zone: string): { verb: AnswerVerb; toMs: number | undefined } | 'time-invalid' | undefined {
  const verb = ANSWER_VERBS.find((known) => known === fields['verb']);
  if (verb === undefined) return undefined;
  if (verb !== 'counter' && verb !== 'propose') return { verb, toMs: undefined };
  const { date = '', time = '' } = fields;
  if (!isCalendarDate(date) || !isTimeOfDay(time)) return 'time-invalid';
  return { verb, toMs: resolveWall(wallOf(date, time), zone).instant };
}
