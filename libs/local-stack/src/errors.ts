export type LocalStackErrorCode =
  | 'unsupported-system'
  | 'port-busy'
  | 'nats-missing'
  | 'nats-too-old'
  | 'nats-unreachable'
  | 'nats-address'
  | 'nats-without-jetstream'
  | 'postgres-missing'
  | 'postgres-unreachable'
  | 'postgres-address'
  | 'postgres-privilege'
  | 'postgres-place'
  | 'process-ended'
  | 'process-not-ready'
  | 'data-foreign';

/** A server or service could not be had or started. The message is one sentence that names the way out. */
export class LocalStackError extends Error {
  readonly code: LocalStackErrorCode;
  constructor(code: LocalStackErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
