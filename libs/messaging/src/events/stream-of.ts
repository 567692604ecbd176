import { STREAMS, type StreamDefinition } from '@schoolbell/contracts';

const known = new Map<string, StreamDefinition>();

/** The stream that captures a subject. A subject of no stream is a bug: it would be published to nobody. */
export function streamOf(subject: string): StreamDefinition {
  const cached = known.get(subject);
  if (cached !== undefined) return cached;
  const stream = STREAMS.find(({ subjects }) => subjects.some((pattern) => matches(pattern, subject)));
  if (stream === undefined) throw new Error(`no stream captures the subject ${subject}`);
  known.set(subject, stream);
  return stream;
}

/** NATS wildcards: `*` is one token, `>` the rest (https://docs.nats.io/nats-concepts/subjects). */
function matches(pattern: string, subject: string): boolean {
  const wanted = pattern.split('.');
  const tokens = subject.split('.');
  for (const [index, token] of wanted.entries()) {
    if (token === '>') return tokens.length > index;
    if (token !== '*' && token !== tokens[index]) return false;
  }
  return wanted.length === tokens.length;
}
