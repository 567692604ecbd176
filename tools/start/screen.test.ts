import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { parseSecret, verify } from '@schoolbell/standard-webhooks';
import { systemClock } from '@schoolbell/time';
import { PlatformWebhook } from '@schoolbell/contracts';
import { expect, it } from 'vitest';
import { signedCurl } from './screen.ts';

const SECRET = `whsec_${Buffer.alloc(32, "a key with + and / in it?").toString('base64')}`;

it('prints a curl that signs a valid webhook in any POSIX shell', async () => {
  const script = `curl() { for argument; do printf '%s\\0' "$argument"; done; }\n${signedCurl('http://127.0.0.1:4101', SECRET)}`;
  for (const shell of ['sh', 'bash']) {
    const { stdout } = await promisify(execFile)(shell, ['-c', script]);
    const args = stdout.split('\0');
    const header = (name: string): string => args.find((argument) => argument.startsWith(`${name}: `))!.slice(name.length + 2);
    const body = args[args.indexOf('-d') + 1]!;
    expect(args[1]).toBe('http://127.0.0.1:4101/v1/webhooks/platform');
    const message = { id: header('webhook-id'), timestamp: header('webhook-timestamp'), signature: header('webhook-signature'), body: Buffer.from(body) };
    expect(verify([parseSecret(SECRET)], message, systemClock.now())).toBe('verified');
    expect(PlatformWebhook.safeParse(JSON.parse(body)).success).toBe(true);
  }
});
