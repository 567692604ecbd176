import { createHash } from 'node:crypto';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { formatInstant } from '@schoolbell/time';
import type { Letter, Sender } from './letter.ts';
import { toMail } from './mime.ts';
import type { MailTransport } from './transport.ts';

/** Newest mails that are kept; a folder for reading is no archive. */
const MAILS_MAX = 500;
const ONLY_OWNER = 0o600;

/** Instead of a server: each mail as `.eml`, and its HTML to be opened in a browser. For development. */
export function createFolderTransport(folder: string, sender: Sender): MailTransport {
  const writer = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });

  async function write(name: string, content: Buffer | string): Promise<void> {
    const path = join(folder, name);
    await writeFile(`${path}.part`, content, { mode: ONLY_OWNER });
    await rename(`${path}.part`, path);
  }

  async function removeOldest(): Promise<void> {
    const names = (await readdir(folder)).filter((name) => /\.(eml|html)$/.test(name)).sort();
    await Promise.all(names.slice(0, Math.max(0, names.length - 2 * MAILS_MAX)).map((name) => rm(join(folder, name), { force: true })));
  }

  return {
    async send(letter) {
      try {
        await mkdir(folder, { recursive: true });
        const { message } = await writer.sendMail(toMail(letter, sender));
        const name = fileName(letter);
        await write(`${name}.eml`, message as Buffer);
        await write(`${name}.html`, letter.html);
        await removeOldest();
        return { kind: 'sent' };
      } catch (error) {
        return { kind: 'server-away', reason: `the folder ${folder} cannot be written: ${(error as Error).message}`, untaken: false };
      }
    },
    close: () => writer.close(),
  };
}

/** In the order of time, and the same at a second attempt. No name or address stands in it. */
function fileName({ messageId, dateMs }: Letter): string {
  const digest = createHash('sha256').update(messageId).digest('hex').slice(0, 8);
  return `${formatInstant(dateMs).replaceAll(':', '').slice(0, 17)}-${digest}`;
}
