export type MigrationErrorCode =
  | 'schema-missing'
  | 'migrations-unreadable'
  | 'migration-unfinished'
  | 'migration-changed'
  | 'migration-failed';

/** Migrating stopped; the message names the file and the way out. */
export class MigrationError extends Error {
  readonly code: MigrationErrorCode;
  constructor(code: MigrationErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
