export {
  TEST_DESTINATION,
  TEST_DESTINATION_SECRET,
  TEST_ORGANIZATION,
  TEST_SOURCE,
  TEST_TOKEN,
  TEST_WEBHOOK_SECRET,
  testConfiguration,
  type TestConfiguration,
  type TestConfigurationOptions,
} from './configuration/test-configuration.ts';
export { signedWebhook, type WebhookOptions } from './configuration/webhook.ts';
export { emptyTables } from './database/empty.ts';
export { testDatabase, type TestDatabase } from './database/test-database.ts';
export { startWire, type Wire } from './database/wire.ts';
export { type PostgresOptions, type ServerProvider } from './provider/provider.ts';
export { type Answer } from './receiver/answer.ts';
export { startReceiver, type ReceivedRequest, type Receiver, type ReceiverOptions } from './receiver/receiver.ts';
export { startNats, startPostgres, type RunningNats, type RunningPostgres } from './servers.ts';
export { type BotAnswer, type SentMessage } from './telegram/bot-api.ts';
export { type LeftOfMessage } from './telegram/people.ts';
export { startTelegram, type BotRequest, type TelegramFault, type TelegramStandIn } from './telegram/stand-in.ts';
export { waitFor, WaitTimeoutError } from './wait-for.ts';
