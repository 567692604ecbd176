/** Nodemailer's errors as far as they are told apart here. */
export interface SmtpFailure {
  readonly code?: unknown;
  /** What Node said, where nodemailer puts a code of its own in its place. */
  readonly originalCode?: unknown;
  readonly command?: unknown;
  readonly responseCode?: unknown;
  readonly message?: unknown;
  /** The server's reply as it came. */
  readonly response?: unknown;
  readonly syscall?: unknown;
}

/** Why a server serves nobody, where waiting does not help: somebody must mend the server or the configuration. */
export type SmtpFault = 'login' | 'certificate' | 'starttls' | 'sender' | 'relay';

/** Of OpenSSL's verification and Node's check of the name. Source: nodejs.org/api/tls.html#x509-certificate-error-codes. */
const CERTIFICATE = /CERT|CRL|UNABLE_TO_|ALTNAME|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH/;

/** Enhanced status codes of the class "security or policy": about who asks, not about whom the mail is for. Source: RFC 3463, section 3.8. */
const POLICY = /^5\d\d[ -]5\.7\.\d/;
const ENHANCED = /^\d{3}[ -]\d\.\d{1,3}\.\d/;
/** Servers without such codes say it in words. */
const NO_RELAY = /\brelay(ing)?\b.*\b(denied|not|prohibited)\b|authentication required/i;
const AUTHENTICATION_REQUIRED = 530;

const isFinal = (responseCode: unknown): boolean => typeof responseCode === 'number' && responseCode >= 500;

/** Undefined: it may be over the next time. Replies of the 400s always may (RFC 5321, section 4.2.1; RFC 4954, section 6). */
export function faultOf({ code, originalCode, command, responseCode, response }: SmtpFailure): SmtpFault | undefined {
  if ([code, originalCode].some((one) => typeof one === 'string' && CERTIFICATE.test(one))) return 'certificate';
  if (code === 'EAUTH') return responseCode === undefined || isFinal(responseCode) ? 'login' : undefined;
  if (code === 'ETLS' && command === 'STARTTLS' && isFinal(responseCode)) return 'starttls';
  if (!isFinal(responseCode)) return undefined;
  if (command === 'MAIL FROM') return 'sender';
  return command === 'RCPT TO' && (responseCode === AUTHENTICATION_REQUIRED || isPolicy(response)) ? 'relay' : undefined;
}

function isPolicy(response: unknown): boolean {
  if (typeof response !== 'string') return false;
  return ENHANCED.test(response) ? POLICY.test(response) : NO_RELAY.test(response);
}

/** The way out. Nothing of what the server said: it may quote an address or a user. */
export const FAULT_ADVICE: Readonly<Record<SmtpFault, string>> = {
  login: 'It refuses the login: see mail.smtp.user and mail.smtp.password.',
  certificate: 'Its certificate is not trusted, has expired or names another host: see mail.smtp.host and mail.smtp.caFile.',
  starttls: 'It does not begin TLS: see mail.smtp.tls and mail.smtp.port.',
  sender: 'It does not take mail.from as a sender.',
  relay: 'It does not take mails for others from here: see mail.smtp.user, and whether it knows this host as one that may send.',
};
