export { crossCheck, type ConfigurationProblem } from './configuration/cross-checks.ts';
export {
  AttemptPolicy,
  ConfigurationFile,
  DestinationConfig,
  EventIdLocation,
  MailConfig,
  OrganizationConfig,
  SecretReference,
  SourceAuthentication,
  SourceConfig,
  SUMMARY_COURSES_MAX,
  SUMMARY_TESTS_MAX,
  TelegramConfig,
  TokenConfig,
} from './configuration/schema.ts';
export { SCOPES, type Scope } from './configuration/scopes.ts';
export { defineEvent, Envelope, type EventDefinition, type EventOf } from './envelope.ts';
export {
  ALERT_KINDS,
  AlertData,
  alertRaised,
  DIRECT_ALERT_WILDCARD,
  directAlertSubject,
  type AlertKind,
} from './events/alerts.ts';
export { deliveryCircuitChanged, deliveryDestinationChanged, deliverySummaryParked } from './events/delivery.ts';
export {
  ingestResultCompleted,
  ingestResultRegraded,
  ingestResultVoided,
  ResultData,
  VoidData,
} from './events/ingest.ts';
export { RatingUpdatedData, resultsRatingUpdated, resultsSummaryUpdated, SummaryUpdatedData } from './events/results.ts';
export {
  SCHEDULING_TRANSITIONS,
  SchedulingCalendar,
  SchedulingData,
  schedulingEvent,
  schedulingEvents,
  SchedulingPerson,
  type SchedulingTransition,
} from './events/scheduling.ts';
export { Identifier, IDENTIFIER_MAX_LENGTH, Label, Slug } from './identifiers.ts';
export { PERSON_ROLES, type PersonRole } from './persons.ts';
export { ProblemDetails } from './problem.ts';
export { ANSWER_VERBS, MoveStanding, schedulingAnswer, schedulingStanding, type AnswerVerb } from './requests/answers.ts';
export { ANSWERING_SERVICES, type AnsweringService, type RequestDefinition } from './requests/definition.ts';
export {
  deliveryActivity,
  deliveryControl,
  deliveryDestinations,
  deliveryLearner,
  deliveryReplay,
  deliveryUndelivered,
} from './requests/delivery.ts';
export { ingestActivity, ingestQuarantine, ingestQuarantineReplay } from './requests/ingest.ts';
export { deadLettersReplayRequests, deadLettersRequests, statusRequests } from './requests/operations.ts';
export { resultsLearner, resultsSummariesRepublish } from './requests/results.ts';
export { schedulingAwaiting } from './requests/scheduling.ts';
export { hasScoreDecimals, Score, SCORE_DECIMALS, SCORE_MAX } from './scores.ts';
export { DEFAULT_PORTS, SERVICE_NAMES, type ServiceName } from './services.ts';
export {
  alertStream,
  deliveryStream,
  ingestResultStream,
  resultsRatingStream,
  resultsSummaryStream,
  schedulingStream,
  STREAMS,
  type DurableDefinition,
  type StreamDefinition,
} from './streams.ts';
export { RatingMessage, SummaryMessage } from './summary.ts';
export { PlatformWebhook, WebhookAccepted } from './webhook.ts';
