// Certificates for TLS servers of tests, made anew each time: no key lies in the repository. Source: RFC 5280, section 4.1.
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';

export interface TestAuthority {
  /** PEM, for `caFile`. */
  readonly certificate: string;
  /** A server's certificate and key. `names`: hosts and IPv4 addresses. */
  issue(names: readonly string[], until?: string): { readonly cert: string; readonly key: string };
}

const FROM = '20200101000000Z';
const UNTIL = '21200101000000Z';

function der(tag: number, ...parts: readonly (Buffer | string)[]): Buffer {
  const content = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}
const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');
const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts);
const oid = (hex: string): Buffer => der(0x06, bytes(hex));
const TRUE = bytes('0101ff');

const ECDSA_WITH_SHA256 = sequence(oid('2a8648ce3d040302'));
const commonName = (name: string): Buffer => sequence(der(0x31, sequence(oid('550403'), der(0x0c, name))));
const BASIC_CONSTRAINTS = oid('551d13');
const ALTERNATIVE_NAMES = oid('551d11');
const isAuthority = sequence(BASIC_CONSTRAINTS, TRUE, der(0x04, sequence(TRUE)));
const named = (names: readonly string[]): Buffer => sequence(ALTERNATIVE_NAMES, der(0x04, sequence(...names.map((name) =>
  (isIP(name) === 4 ? der(0x87, Buffer.from(name.split('.').map(Number))) : der(0x82, name))))));

let serial = 1;

function write(subject: string, publicKey: KeyObject, signer: KeyObject, extension: Buffer, until: string): string {
  serial += 1;
  const content = sequence(
    der(0xa0, der(0x02, bytes('02'))), der(0x02, Buffer.from([serial])), ECDSA_WITH_SHA256, commonName('Authority of a test'),
    sequence(der(0x18, FROM), der(0x18, until)), commonName(subject), publicKey.export({ type: 'spki', format: 'der' }), der(0xa3, sequence(extension)),
  );
  const certificate = sequence(content, ECDSA_WITH_SHA256, der(0x03, bytes('00'), sign('sha256', content, signer)));
  return `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64').replace(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`;
}

export function createTestAuthority(): TestAuthority {
  const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    certificate: write('Authority of a test', own.publicKey, own.privateKey, isAuthority, UNTIL),
    issue(names, until = UNTIL) {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      return { cert: write('Server of a test', publicKey, own.privateKey, named(names), until), key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string };
    },
  };
}
