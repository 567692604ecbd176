import { faultOf, type SmtpFailure, type SmtpFault } from './fault.ts';

/** What became of an attempt to hand a mail over. */
export type MailOutcome =
  | { readonly kind: 'sent' }
  /** The server takes no mail for this address, for good. */
  | { readonly kind: 'address-refused'; readonly reason: string }
  /** The server does not take this mail, whoever it is for. */
  | { readonly kind: 'mail-refused'; readonly reason: string }
  /** Not now: greylisting, a full mailbox. */
  | { readonly kind: 'deferred'; readonly reason: string }
  /** Nobody can be written to through this server now. `untaken`: this mail was surely not taken; else nobody knows. */
  | { readonly kind: 'server-away'; readonly reason: string; readonly untaken: boolean; readonly fault?: SmtpFault };

const REASON_MAX_LENGTH = 300;
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f]+/g;

/** Failures before a mail is begun: no name, no TLS, no login. */
const BEFORE_ANY_MAIL: readonly unknown[] = ['EDNS', 'ETLS', 'EAUTH'];

/**
 * The one place that tells refusals apart. A reply of the 500s after RCPT is about the address, unless it says that we
 * may not send; after DATA it is about the mail; of the 400s it is for later. All the rest, greeting, TLS, login and
 * sender, is about the server, or about how it is configured. Source: RFC 5321, sections 4.2.1 and 4.3.2; 421 means that the server is going away, whenever it says so.
 */
export function outcomeOf(error: unknown): MailOutcome {
  const { command, responseCode, message, code, syscall } = (error ?? {}) as SmtpFailure;
  const reason = reasonOf(message ?? code);
  const step = typeof command === 'string' ? command : '';
  const fault = faultOf((error ?? {}) as SmtpFailure);
  if (fault !== undefined || typeof responseCode !== 'number' || responseCode === 421 || (step !== 'RCPT TO' && step !== 'DATA')) {
    // What nodemailer finds wrong with the mail before it asks the server will be wrong next time, too.
    if (step === 'API' && (code === 'EENVELOPE' || code === 'EMESSAGE')) return { kind: code === 'EENVELOPE' ? 'address-refused' : 'mail-refused', reason };
    // A connection that broke may have broken after the last byte was taken.
    const untaken = fault !== undefined || typeof responseCode === 'number' || syscall === 'connect' || BEFORE_ANY_MAIL.includes(code);
    return { kind: 'server-away', reason, untaken, ...(fault && { fault }) };
  }
  if (responseCode < 500) return { kind: 'deferred', reason };
  return { kind: step === 'RCPT TO' ? 'address-refused' : 'mail-refused', reason };
}

/** One line for operators. Servers quote what they were told, so it may have the address, and goes where addresses may go. */
function reasonOf(message: unknown): string {
  const text = typeof message === 'string' ? message : 'no reason given';
  return text.replace(CONTROL, ' ').trim().slice(0, REASON_MAX_LENGTH);
}
