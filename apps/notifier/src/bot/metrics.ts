import type { Metrics } from '@schoolbell/service-kit';
import { Counter, Gauge } from 'prom-client';

export interface BotMetrics {
  update(outcome: 'handled' | 'repeated' | 'refused' | 'without-database' | 'given-up'): void;
  polling(active: boolean): void;
}

export function createBotMetrics({ registry }: Metrics): BotMetrics {
  const registers = [registry];
  const updates = new Counter({ name: 'telegram_updates_total', help: 'Commands and presses, by what became of them.', labelNames: ['outcome'], registers });
  const polling = new Gauge({ name: 'telegram_polling', help: '1 in the replica that asks Telegram for updates.', registers });
  return {
    update: (outcome) => updates.inc({ outcome }),
    polling: (active) => polling.set(active ? 1 : 0),
  };
}
