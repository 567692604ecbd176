export { parseSecret, SecretFormatError, type SigningKey } from './secret.ts';
export { MessageFormatError, sign, type OutgoingMessage } from './sign.ts';
export { verify, type ReceivedMessage, type Refusal, type Verdict } from './verify.ts';
export {
  HEADER_ID,
  HEADER_SIGNATURE,
  HEADER_TIMESTAMP,
  isWebhookId,
  KEY_BYTES_MAX,
  KEY_BYTES_MIN,
  SIGNATURES_MAX,
  TOLERANCE_SECONDS,
  WEBHOOK_ID_MAX_LENGTH,
} from './wire.ts';
