// Generators of requests that are wrong in some way, and what they may be answered.
import fc from 'fast-check';

/** A request to be signed by the sender, whatever its body is. */
export interface SignedCase {
  readonly kind: 'signed';
  readonly body: Uint8Array;
  readonly target: 'platform' | 'slow';
  /** Sent under an id that was accepted before with another body. */
  readonly reuseId: boolean;
  readonly allowed: readonly number[];
}
/** A request whose headers are as they are. */
export interface PlainCase {
  readonly kind: 'plain';
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
  readonly allowed: readonly number[];
}
/** Bytes on a socket. */
export interface RawCase {
  readonly kind: 'raw';
  readonly bytes: Uint8Array;
}
export type Case = SignedCase | PlainCase | RawCase;

const AT = '2026-01-01T00:00:00.000Z';
const event = {
  type: 'test.completed',
  timestamp: AT,
  data: { attemptId: 'a-1', learnerId: 'u-1', courseId: 'c-1', testId: 't-1', score: 17, maxScore: 20, passed: true, completedAt: AT },
};
const utf8 = (text: string): Uint8Array => Buffer.from(text, 'utf8');

const nasty = fc.constantFrom<unknown>(
  null, true, '', ' ', '\u0000', 'a\u0000b', '\ud800', '\u202e', 'x'.repeat(5000), 'a@b.c', '__proto__', -1, -0, 0.1 + 0.2, 1e21, 1e-7,
  999_999_999.999999, 9_007_199_254_740_993, [], {}, [[[]]], '2026-02-30T00:00:00Z', '9999-12-31T23:59:59Z', '0000-01-01T00:00:00Z',
  '2026-01-01T00:00:00+25:00', { toString: 1 }, 'initech', 'test.voided',
);
const value = fc.oneof(nasty, fc.jsonValue({ maxDepth: 3 }));
const fieldOfData = fc.constantFrom(...Object.keys(event.data), 'organizationId', 'kind', 'startedAt', '__proto__', 'constructor');

/** One place of a valid event replaced, removed or added. */
const mutated = fc.oneof(
  fc.tuple(fieldOfData, value).map(([name, changed]) => ({ ...event, data: { ...event.data, [name]: changed } })),
  fc.tuple(fieldOfData, fieldOfData).map(([one, two]) => {
    const data: Record<string, unknown> = { ...event.data };
    delete data[one];
    delete data[two];
    return { ...event, data };
  }),
  fc.tuple(fc.constantFrom('type', 'timestamp', 'data', 'extra'), value).map(([name, changed]) => ({ ...event, [name]: changed })),
  value,
);
/** JSON that JSON.stringify would not write. */
const spelledOddly = fc.constantFrom(
  '{"type":"test.completed","type":"test.voided"}',
  `{"__proto__":{"type":"test.completed"},"timestamp":"${AT}"}`,
  '{"type":"test.completed","data":{"score":1e400}}',
  '[1e-400,-0,1E+2]',
  '"\\ud800"',
  '['.repeat(20_000) + ']'.repeat(20_000),
  '{"a":'.repeat(20_000) + '1' + '}'.repeat(20_000),
  ' \t\r\n null ',
  '\ufeff{}',
  "{'type':'test.completed'}",
  'NaN',
  '{"type":"test.completed"}{}',
  '',
);
/** A valid event with some of its bytes changed. */
const damaged = fc
  .tuple(fc.nat(), fc.uint8Array({ maxLength: 4 }), fc.nat(6))
  .map(([at, put, cut]) => {
    const bytes = utf8(JSON.stringify(event));
    const start = at % bytes.length;
    return Buffer.concat([bytes.subarray(0, start), put, bytes.subarray(start + cut)]);
  });

const signedWith = (body: fc.Arbitrary<Uint8Array>, allowed: readonly number[]): fc.Arbitrary<SignedCase> =>
  body.map((bytes) => ({ kind: 'signed', body: bytes, target: 'platform', reuseId: false, allowed }));
const someEvent = fc.nat(1_000_000).map((score) => utf8(JSON.stringify({ ...event, data: { ...event.data, score, maxScore: 1_000_000 } })));

/** Validly signed: only what the bytes mean can be wrong. */
export const signedCase: fc.Arbitrary<Case> = fc.oneof(
  { weight: 10, arbitrary: signedWith(mutated.map((json) => utf8(JSON.stringify(json))), [202, 422]) },
  { weight: 4, arbitrary: signedWith(damaged, [202, 400, 422]) },
  { weight: 2, arbitrary: signedWith(fc.uint8Array({ maxLength: 300 }), [400, 422]) },
  { weight: 2, arbitrary: signedWith(spelledOddly.map(utf8), [400, 422]) },
  { weight: 1, arbitrary: someEvent.map((body): SignedCase => ({ kind: 'signed', body, target: 'platform', reuseId: true, allowed: [409] })) },
  { weight: 1, arbitrary: someEvent.map((body): SignedCase => ({ kind: 'signed', body, target: 'slow', reuseId: false, allowed: [202, 429] })) },
);

// What a client can put into a header: visible ASCII, spaces inside, and bytes above it.
const headerText = fc.string({ unit: fc.integer({ min: 0x21, max: 0xff }).filter((code) => code !== 0x7f).map((code) => String.fromCharCode(code)), maxLength: 80 });
const timestampText = fc.oneof(headerText, fc.constantFrom('0', '-1', '1764000000', '1764000000.5', '1764000000junk', '1e9', '99999999999', '0x1'));
const signatureText = fc.oneof(
  headerText,
  fc.constantFrom('v1,', 'v1', 'v2,AAAA', 'v1a,AAAA', `v1,${'A'.repeat(43)}=`, Array(20).fill(`v1,${'A'.repeat(43)}=`).join(' '), ','.repeat(500)),
);
const anyHeaders = fc.record({ 'webhook-id': headerText, 'webhook-timestamp': timestampText, 'webhook-signature': signatureText });
const json = { 'content-type': 'application/json' };
const platform = '/v1/webhooks/platform';
const plain = (change: Partial<PlainCase>): PlainCase => ({ kind: 'plain', method: 'POST', path: platform, headers: json, body: utf8('{}'), allowed: [], ...change });

const contentType = fc.oneof(
  headerText.filter((text) => text.length > 0),
  fc.constantFrom('text/plain', 'application/xml', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/jsonp', 'json', '*/*', ';', 'application/'),
);

/** Not authentic, or not even for a source. */
const plainCase: fc.Arbitrary<Case> = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(anyHeaders, fc.uint8Array({ maxLength: 200 })).map(([headers, body]) => plain({ headers: { ...json, ...headers }, body, allowed: [401] })) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom('bearer', 'basic', 'hmac'), headerText)
      .map(([source, text]) => plain({ path: `/v1/webhooks/${source}`, headers: { ...json, authorization: text, 'x-signature': text }, allowed: [401] })),
  },
  {
    weight: 3,
    arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 600 }).map((name) => plain({ path: `/v1/webhooks/${encodeURIComponent(name.toWellFormed())}x`, allowed: [404, 414] })),
  },
  { weight: 2, arbitrary: fc.webPath().map((path) => plain({ path: `/${path}`, allowed: [404, 405] })) },
  { weight: 1, arbitrary: fc.constantFrom('%', '%zz', '%c0%af', '%00', '..%2f..').map((part) => plain({ path: `/v1/webhooks/${part}`, allowed: [400, 404] })) },
  { weight: 3, arbitrary: contentType.map((type) => plain({ headers: { 'content-type': type }, allowed: [401, 415] })) },
  { weight: 2, arbitrary: fc.constantFrom('gzip', 'br', 'deflate', 'x').map((encoding) => plain({ headers: { ...json, 'content-encoding': encoding }, allowed: [415] })) },
  { weight: 1, arbitrary: fc.nat(100).map((more) => plain({ body: Buffer.alloc(256 * 1024 + 1 + more, 0x20), allowed: [413] })) },
  { weight: 1, arbitrary: fc.constantFrom('GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS').map((method) => plain({ method, body: undefined, allowed: [400, 405] })) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom('/v1/quarantine', '/v1/dead-letters'), headerText).map(([path, text]) => plain({ method: 'GET', path, headers: { authorization: text }, body: undefined, allowed: [401] })) },
);

const line = fc.oneof(
  fc.constantFrom(
    'POST /v1/webhooks/platform HTTP/1.1', 'POST /v1/webhooks/platform HTTP/9.9', 'POST /v1/webhooks/platform', 'GET http://[::1 HTTP/1.1', 'PRI * HTTP/2.0',
    'CONNECT x:1 HTTP/1.1', 'post /v1/webhooks/platform HTTP/1.1', 'BREW /pot HTTP/1.1', 'GET  / HTTP/1.1', '\u0016\u0003\u0001',
  ),
  fc.string({ unit: 'binary-ascii', maxLength: 60 }),
);
const header = fc.oneof(
  fc.constantFrom(
    'host: x', 'content-length: -1', 'content-length: 1e3', 'content-length: 5, 6', 'transfer-encoding: chunked', 'transfer-encoding: gzip, chunked',
    'transfer-encoding: identity', 'expect: 200-ok', 'upgrade: websocket\r\nconnection: upgrade', ': empty', 'no colon', ' folded: x', 'a\u0000b: c', 'x: \u0001', 'content-type: application/json',
  ),
  fc.constant(`x: ${'y'.repeat(20_000)}`),
  fc.string({ unit: 'binary-ascii', maxLength: 60 }),
);
const rawCase: fc.Arbitrary<Case> = fc
  .tuple(line, fc.array(header, { maxLength: 4 }), fc.string({ unit: 'binary-ascii', maxLength: 40 }))
  .map(([first, headers, rest]) => ({ kind: 'raw', bytes: Buffer.from([first, ...headers, '', rest].join('\r\n'), 'latin1') }));

export const unsignedCase: fc.Arbitrary<Case> = fc.oneof({ weight: 8, arbitrary: plainCase }, { weight: 1, arbitrary: rawCase });
