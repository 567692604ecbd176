import { createTransport } from 'nodemailer';
import type { Letter, Sender } from './letter.ts';
import { toMail } from './mime.ts';
import { outcomeOf, type MailOutcome } from './outcome.ts';

/** Hands letters over. Never rejects. */
export interface MailTransport {
  send(letter: Letter): Promise<MailOutcome>;
  close(): void;
}

export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  readonly tls: 'implicit' | 'starttls' | 'none';
  /** Certificates (PEM) that are trusted in place of the public ones. */
  readonly ca?: string | undefined;
  readonly login: { readonly user: string; readonly password: string } | undefined;
  readonly connections: number;
  readonly timeoutMs: number;
}

/** One deadline over connection, login and hand-over: a server that trickles its replies is not seen by a socket timeout. */
export const deadlineMs = ({ timeoutMs }: Pick<SmtpServer, 'timeoutMs'>): number => 3 * timeoutMs;

/** Mails that one connection carries before it is made anew. */
const MAILS_PER_CONNECTION = 100;

export function createSmtpTransport(server: SmtpServer, sender: Sender): MailTransport {
  const { host, port, tls, ca, login, connections, timeoutMs } = server;
  const pool = createTransport({
    pool: true,
    host,
    port,
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    tls: { rejectUnauthorized: true, ...(ca === undefined ? {} : { ca }) },
    ...(login === undefined ? {} : { auth: { user: login.user, pass: login.password } }),
    maxConnections: connections,
    maxMessages: MAILS_PER_CONNECTION,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
  });
  return {
    async send(letter) {
      try {
        await pool.sendMail({ ...toMail(letter, sender), signal: AbortSignal.timeout(deadlineMs(server)) });
        return { kind: 'sent' };
      } catch (error) {
        return outcomeOf(error);
      }
    },
    close: () => pool.close(),
  };
}
