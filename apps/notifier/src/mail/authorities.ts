import { X509Certificate } from 'node:crypto';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Certificates of a file, each of them read, so that a wrong file stops the start and not the first mail. @throws {Error} that says what is wrong. */
export function parseAuthorities(text: string): string {
  const certificates = text.match(CERTIFICATE) ?? [];
  if (certificates.length === 0) throw new Error('the file has no certificate: it must be PEM, "-----BEGIN CERTIFICATE-----"');
  for (const [index, certificate] of certificates.entries()) {
    try {
      new X509Certificate(certificate);
    } catch (cause) {
      throw new Error(`certificate ${index + 1} of the file cannot be read`, { cause });
    }
  }
  return certificates.join('\n');
}
