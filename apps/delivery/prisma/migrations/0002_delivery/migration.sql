-- What delivery owns: the destinations as all replicas share them, what is wanted at each, what was tried, and the
-- replays under way.

-- The authority for all replicas over one destination: whoever sends claims under a lock on this row. What a person
-- configures stays in the configuration; this is what happened. `generation` rises whenever the circuit changes, so
-- that an answer to a request of an earlier state does not count for the next.
CREATE TABLE destination (
  id               text             COLLATE "C" PRIMARY KEY,
  organization_id  text             NOT NULL,
  state            text             NOT NULL CHECK (state IN ('active', 'paused', 'disabled')),
  state_reason     text             NOT NULL,
  state_since      timestamptz(3)   NOT NULL,
  circuit          text             NOT NULL DEFAULT 'closed' CHECK (circuit IN ('closed', 'open')),
  circuit_reason   text             NOT NULL DEFAULT '',
  circuit_since    timestamptz(3)   NOT NULL,
  generation       bigint           NOT NULL DEFAULT 0,
  probe_token      uuid,
  probe_until      timestamptz(3),
  probe_not_before timestamptz(3),
  hold_until       timestamptz(3),
  hold_reason      text             NOT NULL DEFAULT '',
  throttles        integer          NOT NULL DEFAULT 0,
  tokens           double precision NOT NULL,
  tokens_at        timestamptz(3)   NOT NULL,
  ramp             integer          CHECK (ramp > 0),
  release_before   timestamptz(3),
  late_alert       boolean          NOT NULL DEFAULT false,
  parked_alert     boolean          NOT NULL DEFAULT false
) WITH (fillfactor = 25);

-- State, not events: the newest wanted revision for one key (a learner; for ratings a course, or '' for the whole
-- organization) at one destination. At most one request is in flight per row, and its lease says so. Keys sort by
-- their bytes, so that everybody locks rows in the same order.
CREATE TABLE wanted (
  destination_id  text           COLLATE "C" NOT NULL,
  kind            text           COLLATE "C" NOT NULL CHECK (kind IN ('summary', 'rating')),
  key             text           COLLATE "C" NOT NULL,
  wanted_revision bigint         NOT NULL,
  wanted_since    timestamptz(3) NOT NULL,
  sent_revision   bigint         NOT NULL DEFAULT 0,
  sent_at         timestamptz(3),
  replay_id       uuid,
  due_at          timestamptz(3),
  lease_token     uuid,
  lease_until     timestamptz(3),
  lease_revision  bigint,
  attempts        integer        NOT NULL DEFAULT 0,
  waited_ms       bigint         NOT NULL DEFAULT 0,
  not_before      timestamptz(3),
  last_failure    text,
  parked_at       timestamptz(3),
  body            text           NOT NULL,
  PRIMARY KEY (destination_id, kind, key),
  -- Nothing waits unseen: what is wanted and not sent is due, in flight or parked, and only one of these.
  CONSTRAINT wanted_seen CHECK (wanted_revision <= sent_revision OR num_nonnulls(due_at, lease_until, parked_at) = 1),
  CONSTRAINT wanted_one_place CHECK (num_nonnulls(due_at, lease_until, parked_at) <= 1),
  CONSTRAINT wanted_lease_whole CHECK (num_nonnulls(lease_token, lease_until, lease_revision) IN (0, 3))
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);
CREATE INDEX wanted_due ON wanted (destination_id, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX wanted_lease ON wanted (destination_id, lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX wanted_parked ON wanted (destination_id, parked_at) WHERE parked_at IS NOT NULL;

-- One row per request, for people. Written after the fact; nothing that is sent depends on it.
CREATE TABLE attempt (
  id             bigint         GENERATED ALWAYS AS IDENTITY,
  day            date           NOT NULL,
  at             timestamptz(3) NOT NULL,
  destination_id text           NOT NULL,
  kind           text           NOT NULL,
  key            text           NOT NULL,
  revision       bigint         NOT NULL,
  webhook_id     text           NOT NULL,
  outcome        text           NOT NULL,
  status         integer,
  duration_ms    integer        NOT NULL,
  detail         text           NOT NULL,
  answer         text           NOT NULL,
  PRIMARY KEY (day, id)
) PARTITION BY RANGE (day);
-- Takes rows only if nobody made the day's partition in time.
CREATE TABLE attempt_default PARTITION OF attempt DEFAULT;
CREATE INDEX attempt_of_key ON attempt (destination_id, key, id);

-- A replay under way: the rows of a filter are made due again in portions, from `after_kind`, `after_key` on.
CREATE TABLE replay (
  id             uuid           PRIMARY KEY,
  destination_id text           NOT NULL,
  filter         jsonb          NOT NULL,
  requested_by   text           NOT NULL,
  state          text           NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'done')),
  matched        integer        NOT NULL,
  released       integer        NOT NULL DEFAULT 0,
  after_kind     text           NOT NULL DEFAULT '',
  after_key      text           NOT NULL DEFAULT '',
  created_at     timestamptz(3) NOT NULL,
  finished_at    timestamptz(3)
);
CREATE INDEX replay_running ON replay (created_at) WHERE state = 'running';
CREATE INDEX replay_of_destination ON replay (destination_id, created_at);
