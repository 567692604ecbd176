import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ask, DAY, facts, HOUR, lesson, MINUTE, O, play, REQUEST, sceneOf, student } from '../../test/scene.ts';
import { claimsOf } from './claims.ts';
import type { Scene } from './state.ts';

const world = facts();
const NOW = O - 10 * DAY;
const claimsIn = (scene: Scene): Set<string> => new Set(claimsOf(scene, world).map(({ claim }) => claim));
/** `claim` of the rows that begin then. */
const heldAt = (scene: Scene, start: number) => claimsOf(scene, world).filter((one) => one.start === start).map(({ participantId, claim }) => `${participantId} ${claim}`);

describe('whose claim a held slot is', () => {
  it("a lesson's own, also where its offer overlaps it: it never excludes itself", () => {
    const { scene } = play(sceneOf(lesson()), world, [NOW, ask(student, O + 30 * MINUTE)]);
    expect(claimsIn(scene)).toEqual(new Set(['l1']));
    expect(claimsOf(scene, world)).toHaveLength(4);
  });

  it("their request's where lessons of a series would exclude each other, and nowhere else", () => {
    const nextTo = [0, 1, 2, 10].map((hours, index) => lesson({ id: `l${index + 1}`, start: O + hours * HOUR }));
    const offers = nextTo.map(({ id, start }) => ({ lessonId: id, start: start + HOUR, wall: '2026-11-25T11:00' as const }));
    const scene: Scene = {
      lessons: nextTo.map((one) => ({ ...one, status: 'offered', requestId: REQUEST, holdsOriginal: true })),
      requests: [{
        id: REQUEST, packageId: 'p', scope: 'series', status: 'offered', origin: 'people', openedBy: student, version: 1,
        offers: [{ number: 1, by: student, madeAt: NOW, status: 'open', agreed: [], items: offers }],
      }],
    };
    expect(heldAt(scene, O)).toEqual([`tom ${REQUEST}`, `anna ${REQUEST}`]);
    expect(heldAt(scene, O + 10 * HOUR)).toEqual(['tom l4', 'anna l4']);
    expect(heldAt(scene, O + 11 * HOUR)).toEqual(['tom l4', 'anna l4']);
  });
});

it('two overlapping slots have one claim exactly when they are of one lesson or of one request', () => {
  fc.assert(fc.property(
    fc.array(fc.record({ at: fc.nat(8), to: fc.nat(8), request: fc.constantFrom(undefined, 'r1', 'r2') }), { minLength: 2, maxLength: 6 }),
    (drawn) => {
      const lessons = drawn.map(({ at, request }, index) => lesson({
        id: `l${index}`, start: O + at * 30 * MINUTE, ...(request === undefined ? {} : { requestId: request, status: 'offered', holdsOriginal: true }),
      }));
      const requests = ['r1', 'r2'].map((id) => ({
        id, packageId: 'p', scope: 'series' as const, status: 'offered' as const, origin: 'people' as const, openedBy: student, version: 1,
        offers: [{
          number: 1, by: student, madeAt: NOW, status: 'open' as const, agreed: [],
          items: drawn.flatMap(({ to, request }, index) =>
            request === id ? [{ lessonId: `l${index}`, start: O + to * 30 * MINUTE, wall: '2026-11-25T10:00' as const }] : []),
        }],
      }));
      const of = new Map(lessons.map((one) => [one.id, one.requestId ?? one.id]));
      const claims = claimsOf({ lessons, requests }, world).filter(({ participantId }) => participantId === world.teacherId);
      for (const one of claims) {
        for (const other of claims) {
          if (one.start < other.end && other.start < one.end) expect(one.claim === other.claim).toBe(of.get(one.lessonId) === of.get(other.lessonId));
        }
      }
    }));
});
