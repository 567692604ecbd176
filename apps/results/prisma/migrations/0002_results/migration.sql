-- Keys compare by bytes (collation "C"): cheaper than a language's order, and the same in every replica and locale.

-- What the configuration says about an organization, with a version that the fold reads in its own transaction:
-- replicas hear of a new configuration at different moments.
CREATE TABLE organization (
  organization_id text COLLATE "C" PRIMARY KEY,
  policy          text             NOT NULL CHECK (policy IN ('best', 'latest', 'first')),
  tests_max       integer          NOT NULL,
  courses_max     integer          NOT NULL,
  version         integer          NOT NULL DEFAULT 1,
  -- The version that every learner is known to have been decided under.
  refolded        integer          NOT NULL DEFAULT 0
);

-- One row per learner: the lock of everything about the learner, the totals, and the newest summary.
CREATE TABLE learner (
  organization_id text COLLATE "C" NOT NULL,
  learner_id      text COLLATE "C" NOT NULL,
  revision        integer          NOT NULL DEFAULT 0,
  -- The version of the organization that the standings were decided under.
  version         integer          NOT NULL,
  score           numeric          NOT NULL DEFAULT 0,
  max_score       numeric          NOT NULL DEFAULT 0,
  tests_completed integer          NOT NULL DEFAULT 0,
  tests_passed    integer          NOT NULL DEFAULT 0,
  courses         integer          NOT NULL DEFAULT 0,
  -- Of the content without revision and timestamp: the revision rises exactly when it changes.
  content_sha256  bytea,
  body            text,
  updated_at      timestamptz(3)   NOT NULL,
  PRIMARY KEY (organization_id, learner_id)
) WITH (fillfactor = 70);

-- A register per attempt: the fact with the greatest (timestamp, webhook id) decides, `voided` absorbs. A void may come
-- before what it voids; then the row knows nothing else yet.
CREATE TABLE attempt (
  organization_id text COLLATE "C" NOT NULL,
  attempt_id      text COLLATE "C" NOT NULL,
  learner_id      text COLLATE "C",
  course_id       text COLLATE "C",
  test_id         text COLLATE "C",
  score           numeric(15, 6),
  max_score       numeric(15, 6),
  passed          boolean,
  kind            text,
  started_at      timestamptz(3),
  completed_at    timestamptz(3),
  decided_at      timestamptz(3),
  decided_by      text COLLATE "C",
  voided          boolean          NOT NULL DEFAULT false,
  PRIMARY KEY (organization_id, attempt_id),
  CHECK (voided OR completed_at IS NOT NULL)
);
-- Not led by the organization: before the first analyse the planner would take it for the primary key's look-ups, and
-- read all attempts of the organization for each.
CREATE INDEX attempt_of_test ON attempt (learner_id, organization_id, course_id, test_id);

-- The attempt that counts, per learner and test of a course. `entry` is its line in the summary, written once.
CREATE TABLE standing (
  organization_id text COLLATE "C" NOT NULL,
  learner_id      text COLLATE "C" NOT NULL,
  course_id       text COLLATE "C" NOT NULL,
  test_id         text COLLATE "C" NOT NULL,
  attempt_id      text COLLATE "C" NOT NULL,
  score           numeric(15, 6)   NOT NULL,
  max_score       numeric(15, 6)   NOT NULL,
  passed          boolean          NOT NULL,
  completed_at    timestamptz(3)   NOT NULL,
  entry           text             NOT NULL,
  PRIMARY KEY (organization_id, learner_id, course_id, test_id)
) WITH (fillfactor = 90);
-- The newest tests first: a list that is cut keeps these.
CREATE INDEX standing_recent ON standing (learner_id, organization_id, completed_at DESC);

-- Sums over the standings of a course, kept up by differences.
CREATE TABLE course_total (
  organization_id   text COLLATE "C" NOT NULL,
  learner_id        text COLLATE "C" NOT NULL,
  course_id         text COLLATE "C" NOT NULL,
  score             numeric          NOT NULL,
  max_score         numeric          NOT NULL,
  tests_completed   integer          NOT NULL,
  tests_passed      integer          NOT NULL,
  PRIMARY KEY (organization_id, learner_id, course_id)
) WITH (fillfactor = 70);

-- The ledger of results.summary.*: the newest summary of each learner is either in the stream, under (epoch, seq), or
-- waits. One row per learner: what is overtaken before it was told is never told.
CREATE TABLE summary_publication (
  organization_id text COLLATE "C" NOT NULL,
  learner_id      text COLLATE "C" NOT NULL,
  revision        integer          NOT NULL,
  -- Told again on request: a count, so that the stream does not take it for a duplicate.
  repeat          integer          NOT NULL DEFAULT 0,
  queued_at       timestamptz(3)   NOT NULL,
  epoch           uuid,
  seq             bigint,
  PRIMARY KEY (organization_id, learner_id)
) WITH (fillfactor = 70);
CREATE INDEX summary_publication_pending ON summary_publication (queued_at, organization_id, learner_id) WHERE seq IS NULL;
