import { LocalStackError } from './errors.ts';

/** The embedded servers are built for one system; elsewhere both must be given by address. */
export function requireSupportedSystem(platform: string = process.platform, arch: string = process.arch): void {
  if (platform === 'linux' && arch === 'x64') return;
  throw new LocalStackError(
    'unsupported-system',
    `The bundled servers run on Linux x86-64 only (this is ${platform} ${arch}): set DATABASE_URL and NATS_URL to servers of your own.`,
  );
}
