import { GrammyError, HttpError } from 'grammy';
import { describe, expect, it } from 'vitest';
import { outcomeOf } from './transport.ts';

const TOKEN = '123456:secret';
const refusal = (error_code: number, description: string, parameters = {}): GrammyError =>
  new GrammyError('Call failed', { ok: false, error_code, description, parameters }, 'sendMessage', {});

describe('outcomeOf', () => {
  it.each([
    [refusal(429, 'Too Many Requests: retry after 17', { retry_after: 17 }), { kind: 'rate-limited', retryAfterMs: 17_000 }],
    [refusal(429, 'Too Many Requests'), { kind: 'rate-limited', retryAfterMs: 1_000 }],
    [refusal(401, 'Unauthorized'), { kind: 'bot-refused', reason: '401 Unauthorized' }],
    [refusal(404, 'Not Found'), { kind: 'bot-refused', reason: '404 Not Found' }],
    [refusal(403, 'Forbidden: bot was blocked by the user'), { kind: 'chat-refused', reason: '403 Forbidden: bot was blocked by the user' }],
    [refusal(400, 'Bad Request: chat not found'), { kind: 'chat-refused', reason: '400 Bad Request: chat not found' }],
    [
      refusal(400, 'Bad Request: group chat was upgraded to a supergroup chat', { migrate_to_chat_id: -1001 }),
      { kind: 'chat-moved', to: '-1001', reason: '400 Bad Request: group chat was upgraded to a supergroup chat' },
    ],
    [refusal(400, 'Bad Request: message is too long'), { kind: 'message-refused', reason: '400 Bad Request: message is too long' }],
    [refusal(502, 'Bad Gateway'), { kind: 'failed', reason: '502 Bad Gateway' }],
  ])('%s', (error, outcome) => {
    expect(outcomeOf(error, TOKEN)).toEqual(outcome);
  });
  it('takes whatever is no answer of Telegram for an outage, and never shows the token', () => {
    const cause = Object.assign(new Error(`request to https://api.telegram.org/bot${TOKEN}/sendMessage failed`), { code: 'ECONNREFUSED' });
    const outcome = outcomeOf(new HttpError('Network request failed', cause), TOKEN);
    expect(outcome).toEqual({ kind: 'failed', reason: 'Network request failed (ECONNREFUSED request to https://api.telegram.org/bot<token>/sendMessage failed)' });
  });
});
