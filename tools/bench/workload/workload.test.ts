import { PlatformWebhook } from '@schoolbell/contracts';
import { isWebhookId } from '@schoolbell/standard-webhooks';
import { parseInstant } from '@schoolbell/time';
import { describe, expect, it } from 'vitest';
import { planWebhooks, streamedWebhooks, type WorkloadSpec } from './index.ts';

const SPEC: WorkloadSpec = { seed: 7, name: 'x', kind: 'shuffled', webhooks: 5000, learners: 500, endMs: 1_795_000_000_000 };
const parse = (body: string) => PlatformWebhook.parse(JSON.parse(body));

describe.each(['shuffled', 'stream'] as const)('%s webhooks', (kind) => {
  const spec = { ...SPEC, kind };
  const webhooks = planWebhooks(spec);

  it('are as many as asked, valid, and made of every type', () => {
    expect(webhooks).toHaveLength(spec.webhooks);
    const types = new Set(webhooks.map(({ body }) => parse(body).type));
    expect(types).toEqual(new Set(['test.completed', 'test.regraded', 'test.voided']));
    expect(webhooks.every(({ id }) => isWebhookId(id))).toBe(true);
  });
  it('are the same for the same seed and others for another', () => {
    expect(planWebhooks(spec)).toEqual(webhooks);
    expect(planWebhooks({ ...spec, seed: 8 })).not.toEqual(webhooks);
  });
  it('repeat an id only with the same body, and end before the end', () => {
    const bodies = new Map<string, string>();
    for (const { id, body } of webhooks) expect(bodies.set(id, bodies.get(id) ?? body).get(id)).toBe(body);
    expect(bodies.size).toBeLessThan(webhooks.length);
    expect(webhooks.every(({ body }) => parseInstant(parse(body).timestamp) <= spec.endMs)).toBe(true);
  });
});

it('shuffled webhooks name every learner and bring some voids before what they void', () => {
  const parsed = planWebhooks(SPEC).map(({ body }) => parse(body));
  const learners = new Set(parsed.flatMap(({ data }) => ('learnerId' in data ? [data.learnerId] : [])));
  expect(learners.size).toBe(SPEC.learners);
  const first = new Map<string, string>();
  for (const { type, data } of parsed) if (!first.has(data.attemptId)) first.set(data.attemptId, type);
  expect(new Set(first.values())).toEqual(new Set(['test.completed', 'test.regraded', 'test.voided']));
});

it('streamed webhooks touch each test once per state, changes after what they change', () => {
  const shown = streamedWebhooks({ ...SPEC, kind: 'stream' }).flatMap(({ shows }) => (shows === undefined ? [] : [shows]));
  const states = new Map<string, number>();
  for (const { testId, score } of shown) {
    if (score === null) expect(states.get(testId)).toBe(1);
    states.set(testId, (states.get(testId) ?? 0) + 1);
  }
  expect(Math.max(...states.values())).toBe(2);
});

it('the favourite gets its share', () => {
  const favourite = { learnerId: 'u-heavy', share: 0.1 };
  const mine = planWebhooks({ ...SPEC, favourite }).filter(({ body }) => body.includes('u-heavy')).length;
  expect(mine / SPEC.webhooks).toBeGreaterThan(0.07);
  expect(mine / SPEC.webhooks).toBeLessThan(0.13);
});
