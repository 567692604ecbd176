export { BatchUnavailableError, createBatcher, type Batcher, type BatcherOptions } from './batching/batcher.ts';
export {
  commonEnvironment,
  defineEnvironment,
  type Environment,
  type EnvironmentVariable,
} from './config/environment.ts';
export { ConfigurationError, type ConfigurationErrorCode } from './config/error.ts';
export {
  loadConfiguration,
  parseConfiguration,
  prepareConfiguration,
  type Attempt,
  type Configuration,
  type Prepare,
} from './config/load.ts';
export { createSecretStore, SecretError, type SecretErrorCode, type SecretStore } from './config/secrets.ts';
export { resolveTokens } from './config/tokens.ts';
export { watchConfiguration, type LiveConfiguration, type ReloadListener, type WatchOptions } from './config/watch.ts';
export { bigintArray, booleanArray, byteaArray, instantArray, integerArray, millionthsArray, textArray, uuidArray } from './db/arrays.ts';
export { classifyDatabaseError, type DatabaseFailure } from './db/classify.ts';
export { endWhenUnanswered } from './db/answer-timeout.ts';
export { createDatabase, type Database, type DatabaseOptions, type TransactionOptions } from './db/database.ts';
export { migrate, type MigrateOptions } from './db/migrate.ts';
export { MigrationError, type MigrationErrorCode } from './db/migration-error.ts';
export { maintainDailyPartitions } from './db/partitions.ts';
export { planOptions, type Plans } from './db/pool.ts';
export { provision, type ProvisionOptions } from './db/provision.ts';
export { runStatement, type Statement } from './db/statement.ts';
export { RolledBackError, type Tx } from './db/transaction.ts';
export { createHealth, type Health, type HealthCheck, type HealthReport, type HealthState } from './health/health.ts';
export { describeIssues, jsonPointer } from './http/pointers.ts';
export { Problem, PROBLEM_MEDIA_TYPE, type ProblemError, type ProblemOptions } from './http/problem.ts';
export { requireOrganization, requireScope, type ScopeGuard } from './http/require-scope.ts';
export { createHttpServer, type HttpServer, type HttpServerOptions } from './http/server.ts';
export { digestToken, type ResolvedToken } from './http/tokens.ts';
export { bodyProblem } from './http/validation.ts';
export { runService, type RunningService, type RunServiceOptions, type ServiceContext } from './lifecycle/run-service.ts';
export { createLogger, type Log, type LogOptions } from './log.ts';
export { createMetrics, type Metrics } from './metrics.ts';
export { createPeriodic, type Periodic } from './periodic.ts';
export { compileTransform, type Transform } from './transform/compile.ts';
export { TransformError, type TransformErrorCode } from './transform/error.ts';
export { createPersonGuard, forbidden, subjectOf, type PersonGuard } from './person/guard.ts';
export { personKeys, personTokenEnvironment } from './person/environment.ts';
export { rememberVerified } from './person/remember.ts';
export { createPersonVerifier, KeysUnavailableError, PersonTokenError, signPersonToken, type PersonVerifierOptions, type Subject, type VerifyPerson } from './person/token.ts';
