import { expect, it } from 'vitest';
import { ask, DAY, facts, MINUTE, O, play, sceneOf, series, student, teacher, tick } from '../../test/scene.ts';
import type { Scene } from '../moves/state.ts';
import { standingFor } from './standing.ts';

const WEEK = 7 * DAY;
const NOW = O - 2 * DAY;

it('a counter by link is about the first lesson of an offer, and is offered only while that is part of it', () => {
  const asked = play(sceneOf(...series(3)), facts(), [NOW, ask(student, O + WEEK - DAY, { scope: 'series' })]).scene;
  const may = ({ requests, lessons }: Scene, now: number) =>
    standingFor({ request: requests[0]!, lessons: lessons.filter(({ requestId }) => requestId === requests[0]!.id), facts: facts() }, teacher, now)?.may;
  expect(may(asked, NOW)).toEqual(['approve', 'decline', 'counter']);
  const deadline = O + WEEK - DAY - 10 * MINUTE;
  expect(may(play(asked, facts(), [deadline, tick]).scene, deadline)).toEqual(['approve', 'decline']);
});
