import { alertRaised, ingestResultCompleted, SERVICE_NAMES, STREAMS } from '@schoolbell/contracts';
import { describe, expect, it } from 'vitest';
import { streamOf } from './stream-of.ts';

describe('streamOf', () => {
  it('finds the one stream of a subject', () => {
    expect(streamOf(ingestResultCompleted.subject).name).toBe('INGEST_RESULT');
    expect(streamOf('delivery.circuit.changed').name).toBe('DELIVERY');
  });
  it('gives each service that alerts a stream of its own', () => {
    const names = SERVICE_NAMES.filter((name) => name !== 'notifier').map((name) => streamOf(alertRaised(name).subject).name);
    expect(new Set(names).size).toBe(names.length);
  });
  it('refuses a subject that nobody would ever get', () => {
    expect(() => streamOf('ingest.result.completed.extra')).toThrow('no stream captures');
    expect(() => streamOf('delivery')).toThrow('no stream captures');
  });
  it('has one producer per stream and no durable twice', () => {
    expect(new Set(STREAMS.map(({ name }) => name)).size).toBe(STREAMS.length);
    const durables = STREAMS.flatMap((stream) => stream.durables.map(({ name }) => name));
    expect(new Set(durables).size).toBe(durables.length);
  });
});
