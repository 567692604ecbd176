-- Keys compare by bytes (collation "C"): cheaper than a language's order, and the order in which the service sorts
-- its batches is the order of the index.

-- One row per accepted webhook: what is needed to know it again, and nothing of what it said. The event itself is in
-- the outbox. Rows are removed by walking the table page by page, so there is no second index on the hot path.
CREATE TABLE accepted_webhook (
  source      text COLLATE "C" NOT NULL,
  webhook_id  text COLLATE "C" NOT NULL,
  body_sha256 bytea            NOT NULL,
  received_at timestamptz(3)   NOT NULL,
  PRIMARY KEY (source, webhook_id)
);

-- Authentic bodies that are not an event (yet). Only accepted webhooks bind their id: here one id may stand with many
-- bodies, and none of them is in the way of its correction.
CREATE TABLE quarantine (
  id           uuid             PRIMARY KEY,
  source       text COLLATE "C" NOT NULL,
  webhook_id   text COLLATE "C" NOT NULL,
  body_sha256  bytea            NOT NULL,
  reason       text             NOT NULL,
  errors       jsonb            NOT NULL,
  known        jsonb            NOT NULL,
  -- Which key encrypted `body` (AES-256-GCM): the beginning of the key's hash.
  key_id       text             NOT NULL,
  body         bytea            NOT NULL,
  state        text             NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'replayed', 'superseded', 'ignored')),
  times        integer          NOT NULL DEFAULT 1,
  received_at  timestamptz(3)   NOT NULL,
  last_seen_at timestamptz(3)   NOT NULL,
  expires_at   timestamptz(3)   NOT NULL,
  closed_at    timestamptz(3),
  UNIQUE (source, webhook_id, body_sha256)
);
CREATE INDEX quarantine_page ON quarantine (received_at, id);
CREATE INDEX quarantine_open ON quarantine (source, received_at, id) WHERE state = 'open';
CREATE INDEX quarantine_expiry ON quarantine (expires_at);

-- When each configured source was last heard.
CREATE TABLE source_state (
  source   text COLLATE "C" PRIMARY KEY,
  heard_at timestamptz(3)   NOT NULL
);

-- The last refusals by source and kind, shared by all replicas; kept for minutes.
CREATE TABLE refusal (
  id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  source text COLLATE "C" NOT NULL,
  kind   text COLLATE "C" NOT NULL,
  at     timestamptz(3)   NOT NULL
);
CREATE INDEX refusal_recent ON refusal (source, kind, at);

-- Alerts of this service that have not been resolved yet.
CREATE TABLE open_alert (
  fingerprint  text COLLATE "C" PRIMARY KEY,
  kind         text             NOT NULL,
  source       text             NOT NULL,
  severity     text             NOT NULL,
  title        text             NOT NULL,
  times        integer          NOT NULL,
  opened_at    timestamptz(3)   NOT NULL,
  raised_at    timestamptz(3)   NOT NULL,
  last_seen_at timestamptz(3)   NOT NULL,
  -- Whether the latest occurrence was told, or only counted.
  told         boolean          NOT NULL
);

-- When a job of which one replica is enough ran last.
CREATE TABLE job_run (
  job    text           PRIMARY KEY,
  ran_at timestamptz(3) NOT NULL
);
