import type { Metrics } from '@schoolbell/service-kit';
import { Counter, Gauge } from 'prom-client';
import type { SendOutcome } from './transport.ts';

export interface TelegramMetrics {
  sent(outcome: SendOutcome['kind'], alerts: number): void;
  queue(waiting: { notices: number; oldestSeconds: number }): void;
  chats(states: readonly { readonly id: string; readonly state: string }[]): void;
}

export function createTelegramMetrics({ registry }: Metrics): TelegramMetrics {
  const registers = [registry];
  const messages = new Counter({ name: 'telegram_messages_total', help: 'Requests to send a message, by what became of them.', labelNames: ['outcome'], registers });
  const alerts = new Counter({ name: 'telegram_alerts_told_total', help: 'Alerts counted in messages that arrived, once per chat.', registers });
  const waiting = new Gauge({ name: 'telegram_queue_length', help: 'Notices that wait to be told, over all chats.', registers });
  const oldest = new Gauge({ name: 'telegram_queue_oldest_seconds', help: 'Age of the oldest notice that waits; 0 when none does.', registers });
  const unreachable = new Gauge({ name: 'telegram_chat_unreachable', help: '1 while a chat refuses the bot or does not exist.', labelNames: ['chat'], registers });
  return {
    sent(outcome, told) {
      messages.inc({ outcome });
      alerts.inc(told);
    },
    queue({ notices, oldestSeconds }) {
      waiting.set(notices);
      oldest.set(oldestSeconds);
    },
    chats(states) {
      unreachable.reset();
      for (const { id, state } of states) unreachable.set({ chat: id }, state === 'unreachable' ? 1 : 0);
    },
  };
}
