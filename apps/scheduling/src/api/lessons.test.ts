import { createHealth, createLogger, createMetrics, createHttpServer, createPersonGuard } from '@schoolbell/service-kit';
import { ManualClock } from '@schoolbell/time';
import { expect, it } from 'vitest';
import type { Timetable } from '../lessons/query.ts';
import type { ApiDeps } from './deps.ts';
import { lessonRoutes } from './lessons.ts';
import { requestRoutes } from './requests.ts';

/** The routes on a database that is away: whatever is asked of it fails. */
function away() {
  const asked: string[] = [];
  const ask = (what: string) => () => {
    asked.push(what);
    return Promise.reject(new Error('the database is away'));
  };
  const app = createHttpServer({
    log: createLogger({ service: 'scheduling', level: 'silent' }), metrics: createMetrics('scheduling'), health: createHealth(), tokens: () => [],
    title: 'Test', description: 'A test.',
  });
  const deps = { db: { query: ask('reader') }, timetable: { ofParticipant: ask('lessons'), awaiting: ask('lessons') }, clock: new ManualClock(0) };
  const guard = createPersonGuard(async () => ({ id: 'mia', role: 'manager' }));
  lessonRoutes(app, guard, deps as unknown as ApiDeps & { timetable: Timetable });
  requestRoutes(app, guard, deps as unknown as ApiDeps);
  return { asked, get: (url: string) => app.inject({ method: 'GET', url, headers: { authorization: 'Bearer mia' } }) };
}

it.each(['/v1/lessons?from=2026-03-01T00:00:00Z&to=2026-05-01T00:00:00Z&', '/v1/awaiting?', '/v1/requests?'])(
  'a cursor that is none is refused before anything is asked, so that no failure is left to nobody: %s',
  async (path) => {
    const { asked, get } = away();
    for (const cursor of ['x', '1~x', '99999999999999~00000000-0000-4000-8000-000000000000']) {
      const answer = await get(`${path}after=${cursor}`);
      expect([answer.statusCode, answer.json().code]).toEqual([400, 'cursor-invalid']);
    }
    expect(asked).toEqual([]);
    expect((await get(path.slice(0, -1))).statusCode).toBe(500);
  },
);
