import { describe, expect, it } from 'vitest';
import { outcomeOf } from './outcome.ts';

const failure = (fields: object): ReturnType<typeof outcomeOf> => outcomeOf(Object.assign(new Error('as the test says'), fields));

describe('a refusal', () => {
  it.each([
    ['of an address', { code: 'EENVELOPE', command: 'RCPT TO', responseCode: 550 }, { kind: 'address-refused' }],
    ['of an address, with a word about relays', { code: 'EENVELOPE', command: 'RCPT TO', responseCode: 550, response: '550 5.1.1 <anna@people.example>: User unknown in relay recipient table, not relayed' }, { kind: 'address-refused' }],
    ['of an address for now', { code: 'EENVELOPE', command: 'RCPT TO', responseCode: 450 }, { kind: 'deferred' }],
    ['of a mail', { code: 'EMESSAGE', command: 'DATA', responseCode: 554 }, { kind: 'mail-refused' }],
    ['of an address that is none', { code: 'EENVELOPE', command: 'API' }, { kind: 'address-refused' }],
    ['by a server that goes away', { code: 'EENVELOPE', command: 'RCPT TO', responseCode: 421 }, { kind: 'server-away', untaken: true }],
  ])('%s', (_what, fields, outcome) => expect(failure(fields)).toMatchObject(outcome));
});

describe('a server that serves nobody', () => {
  it.each([
    ['because it is not there', { code: 'ESOCKET', originalCode: 'ECONNREFUSED', syscall: 'connect', command: 'CONN' }, undefined],
    ['because it cannot check logins now', { code: 'EAUTH', command: 'AUTH PLAIN', responseCode: 454 }, undefined],
    ['because of the login', { code: 'EAUTH', command: 'AUTH PLAIN', responseCode: 535 }, 'login'],
    ['because it takes no logins', { code: 'EAUTH', command: 'API' }, 'login'],
    ['because of its certificate', { code: 'ESOCKET', originalCode: 'CERT_HAS_EXPIRED', command: 'CONN' }, 'certificate'],
    ['because it is another host', { code: 'ESOCKET', originalCode: 'ERR_TLS_CERT_ALTNAME_INVALID', command: 'CONN' }, 'certificate'],
    ['because it has no TLS', { code: 'ETLS', command: 'STARTTLS', responseCode: 502 }, 'starttls'],
    ['because TLS broke off', { code: 'ETLS', command: 'CONN' }, undefined],
    ['because of the sender', { code: 'EENVELOPE', command: 'MAIL FROM', responseCode: 550 }, 'sender'],
    ['because it relays nothing for us', { code: 'EENVELOPE', command: 'RCPT TO', responseCode: 554, response: '554 5.7.1 <anna@people.example>: Relay access denied' }, 'relay'],
    ['because it wants a login first', { code: 'EENVELOPE', command: 'RCPT TO', responseCode: 530, response: '530 log in' }, 'relay'],
    ['and says so in words', { code: 'EENVELOPE', command: 'RCPT TO', responseCode: 550, response: '550 relay not permitted' }, 'relay'],
  ])('%s', (_why, fields, fault) => {
    const { fault: found, ...outcome } = failure(fields) as { fault?: string };
    expect(outcome).toEqual({ kind: 'server-away', reason: 'as the test says', untaken: true });
    expect(found).toBe(fault);
  });
  it('is not known to have taken nothing when the connection broke', () => {
    expect(failure({ code: 'ESOCKET', originalCode: 'ECONNRESET', syscall: 'read', command: 'CONN' })).toMatchObject({ kind: 'server-away', untaken: false });
    expect(failure({ code: 'ETIMEDOUT', command: 'CONN' })).toMatchObject({ untaken: false });
  });
});
