import type { AddressInfo } from 'node:net';
import { simpleParser, type ParsedMail } from 'mailparser';
import { SMTPServer } from 'smtp-server';

/** A real SMTP server in this process, which reads what arrives and refuses what a test says. */
export interface MailServer {
  readonly port: number;
  /** Taken, in their order. */
  readonly mails: readonly ReceivedMail[];
  /** Every RCPT, whatever was answered. */
  readonly asked: readonly string[];
  /** The reply to RCPT, with words where they matter; undefined takes it. */
  rcpt: (address: string) => number | readonly [code: number, words: string] | undefined;
  /** The reply after the last byte; undefined takes it. Awaited, so it can be late. */
  data: () => Promise<number | undefined> | number | undefined;
  to(address: string): ReceivedMail[];
  stop(): Promise<void>;
}

export interface ReceivedMail extends ParsedMail {
  readonly raw: string;
  readonly recipient: string;
  readonly encrypted: boolean;
  /** Who logged in. */
  readonly user: string | undefined;
}

/** Absent: in the clear, and no login. */
export interface MailSecurity {
  readonly tls?: { readonly mode: 'implicit' | 'starttls'; readonly cert: string; readonly key: string };
  readonly login?: { readonly user: string; readonly password: string };
}

const refusal = (responseCode: number, words = 'as the test says'): Error => Object.assign(new Error(words), { responseCode });

export async function startMailServer(port = 0, { tls, login }: MailSecurity = {}): Promise<MailServer> {
  const mails: ReceivedMail[] = [];
  const asked: string[] = [];
  const state: Pick<MailServer, 'rcpt' | 'data'> = { rcpt: () => undefined, data: () => undefined };
  const server = new SMTPServer({
    ...(tls && { secure: tls.mode === 'implicit', cert: tls.cert, key: tls.key }),
    authOptional: login === undefined,
    disabledCommands: [...(tls?.mode === 'starttls' ? [] : ['STARTTLS']), ...(login === undefined ? ['AUTH'] : [])],
    closeTimeout: 100,
    onAuth({ username, password }, _session, callback) {
      if (username === login?.user && password === login?.password) callback(null, { user: username });
      else callback(refusal(535));
    },
    onRcptTo({ address }, _session, callback) {
      asked.push(address);
      const answer = state.rcpt(address);
      callback(answer === undefined ? null : typeof answer === 'number' ? refusal(answer) : refusal(...answer));
    },
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        void (async () => {
          const code = await state.data();
          const raw = Buffer.concat(chunks);
          if (code === undefined) {
            const recipient = session.envelope.rcptTo[0]?.address ?? '';
            mails.push({ ...(await simpleParser(raw)), raw: raw.toString('utf8'), recipient, encrypted: session.secure, user: session.user as string | undefined });
          }
          callback(code === undefined ? null : refusal(code));
        })();
      });
    },
  });
  // A client that gave up is no trouble of the server.
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    ...state,
    port: (server.server.address() as AddressInfo).port,
    mails,
    asked,
    get rcpt() { return state.rcpt; },
    set rcpt(answer) { state.rcpt = answer; },
    get data() { return state.data; },
    set data(answer) { state.data = answer; },
    to: (address) => mails.filter(({ recipient }) => recipient === address),
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
