-- The messaging tables of one service: what it tells (outbox), what its streams were promised (stream_state),
-- and what it was told and could not handle (dead_letter). The same file in every service; a test compares them.

-- Facts to be published, written in the transaction of their effect. Partitioned by day, so that old rows are
-- dropped, never deleted. `epoch` and `seq` say where in which incarnation of the stream the row stands.
CREATE TABLE outbox (
  id       bigint GENERATED ALWAYS AS IDENTITY,
  day      date   NOT NULL DEFAULT (CURRENT_TIMESTAMP AT TIME ZONE 'UTC')::date,
  stream   text   NOT NULL,
  subject  text   NOT NULL,
  event_id uuid   NOT NULL,
  body     text   NOT NULL,
  epoch    uuid,
  seq      bigint,
  PRIMARY KEY (day, id)
) PARTITION BY RANGE (day);
-- Takes rows only if nobody made the day's partition in time.
CREATE TABLE outbox_default PARTITION OF outbox DEFAULT;
CREATE INDEX outbox_pending ON outbox (stream, id) WHERE seq IS NULL;

-- What each stream of this service was promised: incarnation, last sequence, and the sequence up to which every
-- named durable has confirmed.
CREATE TABLE stream_state (
  stream     text           PRIMARY KEY,
  epoch      uuid           NOT NULL,
  last_seq   bigint         NOT NULL DEFAULT 0,
  floor      bigint         NOT NULL DEFAULT 0,
  updated_at timestamptz(3) NOT NULL DEFAULT now()
);

-- Events that cannot be handled. Written in the transaction that would have been their effect.
CREATE TABLE dead_letter (
  id         uuid           PRIMARY KEY DEFAULT gen_random_uuid(),
  durable    text           NOT NULL,
  event_id   text           NOT NULL,
  type       text           NOT NULL,
  body       bytea          NOT NULL,
  code       text           NOT NULL,
  detail     text           NOT NULL,
  state      text           NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'replayed')),
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  closed_at  timestamptz(3),
  UNIQUE (durable, event_id)
);
CREATE INDEX dead_letter_open ON dead_letter (created_at, id) WHERE state = 'open';
