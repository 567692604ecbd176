import type { AnswerVerb, MoveStanding } from '@schoolbell/contracts';
import { parseInstant } from '@schoolbell/time';
import { describe, expect, it } from 'vitest';
import { AT, names, noticeOf, REQUEST } from '../../test/happenings.ts';
import type { Names } from '../notices/notice.ts';
import { renderNotice } from '../notices/render.ts';
import type { AnswerableNotice, Sight } from './desk.ts';
import { answerPage } from './page.ts';
import { answerWords } from './words.ts';

const NOW = parseInstant(AT);
const asked = noticeOf('asked', { id: 'tom', role: 'teacher' }, { changes: { requestId: REQUEST } }) as AnswerableNotice;
const standing: MoveStanding = {
  status: 'offered', version: 1, offer: 1, may: ['approve', 'decline', 'counter'],
  lessons: asked.data.lessons.map(({ lessonId, oldStart, newStart, answerBy }) => ({ lessonId, status: 'offered', start: oldStart, offeredStart: newStart!, answerBy: answerBy! })),
};
const sight = (changes: Partial<Sight> = {}, verbs: readonly AnswerVerb[] = standing.may): Sight =>
  ({ notice: asked, standing, offered: { verbs }, answered: undefined, form: 'f', ...changes });
const page = (one: Sight, lookUp: Names = names): string => answerPage(one, renderNotice(one.notice, lookUp), undefined, 'f', NOW).body.html;

describe('the answer page', () => {
  it('says each thing once while the offer stands as it was made', () => {
    const html = page(sight());
    expect(html.match(/Anna asks to move the lesson/g)).toHaveLength(1);
    expect(html.match(/Old time/g)).toHaveLength(1);
    expect(html).not.toContain('How it stands now');
  });
  it('shows how it stands where that is another thing', () => {
    const moved = { ...standing, lessons: standing.lessons.map((lesson) => ({ ...lesson, offeredStart: '2026-11-28T09:00:00.000Z' })) };
    expect(page(sight({ standing: moved }))).toMatch(/How it stands now[^]*Sat 28 Nov/);
    expect(page(sight({ standing: { status: 'closed', outcome: 'declined', version: 2, may: [], lessons: [] } }, []))).toContain('This move is over.');
  });
  it('calls the time of a lesson that awaits one its old time', () => {
    const awaiting: MoveStanding = { ...standing, status: 'waiting', may: ['propose'], lessons: standing.lessons.map(({ lessonId, start }) => ({ lessonId, status: 'awaiting', start })) };
    const [, below] = page(sight({ standing: awaiting }, ['propose'])).split('How it stands now');
    expect(below).toContain('<dt>Old time</dt>');
    expect(below).not.toContain('<dt>Time</dt>');
  });
  it('says when somebody answered', () => {
    expect(page(sight({ answered: { verb: 'approve', atMs: NOW } as Sight['answered'] }, []))).toContain('You agreed. Answered: Mon 23 Nov, 03:00, New York (UTC-5).');
  });
  it('shows and asks for UTC where the reader\'s zone is unknown here, as mail and inbox do', () => {
    const html = page(sight({ notice: { ...asked, zone: 'Mars/Base' } }));
    expect(html).toContain('On the clocks of UTC.');
    expect(html).toContain('type="date" name="date" required value="2026-11-27"');
    expect(html).toContain('type="time" name="time" required value="09:00"');
  });
  it('says in words for who clicks that the first lesson has left the offer', () => {
    const refused = { kind: 'refused', code: 'lesson-not-offered', detail: 'of the interface' } as const;
    const { html } = answerPage(sight(), renderNotice(asked, names), refused, 'f', NOW).body;
    expect(html).toContain('The first lesson is no longer part of this offer: see the newest mail.');
    expect(html).not.toContain('of the interface');
    expect(answerWords.ru.refused('lesson-not-offered', '')).toMatch(/^Не получилось: Первый урок/);
  });
  it('keeps its direction and its markup, whatever the names are', () => {
    for (const name of ['سارة بنت محمد', '\u202e<script>alert(1)</script>', '"><img src=x>', 'я'.repeat(5_000)]) {
      const html = page(sight(), () => name);
      expect(html).not.toMatch(/<script|<img|dir=|\u202e/);
      expect(html.length).toBeLessThan(6_000);
    }
  });
});
