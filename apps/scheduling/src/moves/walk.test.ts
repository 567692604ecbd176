import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseInstant } from '@schoolbell/time';
import { expandWeekly, wallAt } from '@schoolbell/time/zones';
import { DAY, facts, groupFacts, HOUR, lesson } from '../../test/scene.ts';
import { advance, commandOf, step } from '../../test/steps.ts';
import { faults, perform, poll, sceneFor, type World } from '../../test/world.ts';
import { PACKAGE_KINDS, type PackageKind } from '../packages/kinds.ts';
import { decide } from './decide.ts';
import type { Facts } from './state.ts';

/**
 * Random people act at random moments, deadlines and their neighbours above all, on two packages of one teacher; the
 * poller sleeps now and then. After every step nothing may be forgotten, double-booked, or alive past its deadline.
 */
const BEGIN = parseInstant('2026-03-16T09:00:00Z');
const ZONES = ['Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe'];

function createWorld(kind: PackageKind, zones: readonly [string, string], count: number): World {
  const limit = BEGIN + (count + 2) * 7 * DAY;
  const contracts = [{ start: 0, end: limit + 3 * DAY }];
  const first = { ...(kind === 'group' ? groupFacts() : facts({ kind })), packageId: 'p1', zone: zones[0], limit, contracts };
  const second = facts({ packageId: 'p2', zone: zones[1], limit, contracts, seats: [{ studentId: 'dora', partnerId: 'paul' }] });
  const lessons = [first, second].flatMap(({ packageId, zone }, index) =>
    expandWeekly(wallAt(BEGIN + DAY + index * 3 * HOUR, zone), zone, count).map(({ wall, instant }, week) =>
      lesson({ id: `${packageId}-${week + 1}`, packageId, zone, wall, start: instant, next: { at: instant + HOUR, kind: 'complete' } })));
  return {
    packages: new Map([['p1', first], ['p2', second]]), requests: new Map(),
    lessons: new Map(lessons.map((one) => [one.id, one])),
  };
}

it('forgets no lesson, books nobody twice, and lets no offer outlive its deadline', () => {
  const zones = fc.tuple(fc.constantFrom(...ZONES), fc.constantFrom(...ZONES));
  const seen = new Map<string, number>();
  fc.assert(
    fc.property(fc.constantFrom(...PACKAGE_KINDS), zones, fc.integer({ min: 1, max: 5 }), fc.array(step, { maxLength: 80, size: 'max' }), (kind, two, count, steps) => {
      const world = createWorld(kind, two, count);
      let now = BEGIN;
      steps.forEach((one, index) => {
        now = advance(one, world, now);
        if (one.sleeps < 7) expect(poll(world, now).every(({ at }) => at === now)).toBe(true);
        const command = commandOf(one, world, now, `r${index}`);
        const scene = command === undefined ? undefined : sceneFor(world, command);
        if (command === undefined || scene === undefined) return;
        const known = world.packages.get(scene.lessons[0]?.packageId ?? '') as Facts;
        expect(decide(scene, command, now, known)).toEqual(decide(structuredClone(scene), command, now, known));
        const decision = perform(world, command, now);
        const name = `${command.type} ${decision?.refusal?.code ?? 'accepted'}`;
        seen.set(name, (seen.get(name) ?? 0) + 1);
        poll(world, now);
        expect(faults(world, now)).toEqual([]);
        expect(poll(world, now)).toEqual([]);
      });
    }),
    { numRuns: 250 },
  );
  // The walk is worth something only if it gets everywhere.
  for (const type of ['request', 'propose', 'approve', 'counter', 'decline', 'withdraw', 'restore', 'close', 'cancel']) {
    expect(seen.get(`${type} accepted`), `${type}: ${JSON.stringify([...seen])}`).toBeGreaterThan(0);
  }
});
