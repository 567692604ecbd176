-- All alerts of one fingerprint are one problem. The row knows how things stand and what was told of it.
CREATE TABLE problem (
  id          bigint           GENERATED ALWAYS AS IDENTITY UNIQUE,
  fingerprint text COLLATE "C" PRIMARY KEY,
  kind        text             NOT NULL,
  service     text             NOT NULL,
  severity    text             NOT NULL CHECK (severity IN ('critical', 'warning')),
  title       text             NOT NULL,
  detail      text             NOT NULL,
  labels      jsonb            NOT NULL,
  -- Repeated by its reporter until it is over: silence means that nobody sees it any more.
  level       boolean          NOT NULL,
  state       text             NOT NULL CHECK (state IN ('firing', 'resolved')),
  -- Producer's time of the alert that set the state; an older one that comes later does not.
  state_at    timestamptz(3)   NOT NULL,
  told        text             NOT NULL CHECK (told IN ('nothing', 'firing', 'resolved')),
  told_at     timestamptz(3),
  first_at    timestamptz(3)   NOT NULL,
  last_at     timestamptz(3)   NOT NULL,
  resolved_at timestamptz(3),
  -- Alerts of this episode, and how many of them no message has counted yet.
  total       integer          NOT NULL CHECK (total >= 0),
  untold      integer          NOT NULL CHECK (untold >= 0),
  step        integer          NOT NULL,
  quiet_until timestamptz(3)   NOT NULL,
  flaps       integer          NOT NULL
);
CREATE INDEX problem_untold ON problem (quiet_until) WHERE untold > 0;
CREATE INDEX problem_firing ON problem (last_at) WHERE state = 'firing';
CREATE INDEX problem_expiry ON problem (last_at) WHERE state = 'resolved';

-- Every alert that came through a stream: the history of a problem, and what is known of redeliveries.
CREATE TABLE alert (
  id          bigint           GENERATED ALWAYS AS IDENTITY UNIQUE,
  event_id    text COLLATE "C" PRIMARY KEY,
  fingerprint text COLLATE "C" NOT NULL,
  state       text             NOT NULL CHECK (state IN ('firing', 'resolved')),
  detail      text             NOT NULL,
  at          timestamptz(3)   NOT NULL,
  received_at timestamptz(3)   NOT NULL
);
CREATE INDEX alert_history ON alert (fingerprint, id);
CREATE INDEX alert_expiry ON alert (received_at);

-- One row per chat is the authority for all replicas: who is sending there, and when the next message may go.
CREATE TABLE chat (
  id                text           PRIMARY KEY,
  -- Where Telegram moved the chat to, else the id of the configuration.
  address           text           NOT NULL,
  state             text           NOT NULL DEFAULT 'ok' CHECK (state IN ('ok', 'failing', 'unreachable')),
  not_before        timestamptz(3) NOT NULL DEFAULT 'epoch',
  burst_used_until  timestamptz(3) NOT NULL DEFAULT 'epoch',
  held_until        timestamptz(3) NOT NULL DEFAULT 'epoch',
  failures          integer        NOT NULL DEFAULT 0,
  last_error        text,
  lease_token       uuid,
  lease_until       timestamptz(3)
);

-- A text for a chat. It is written before it is sent, so that a crash in between repeats these words and no others.
CREATE TABLE message (
  id          bigint         GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  chat_id     text           NOT NULL,
  text        text           NOT NULL,
  entities    jsonb          NOT NULL,
  alerts      integer        NOT NULL,
  state       text           NOT NULL CHECK (state IN ('pending', 'sent', 'refused')),
  attempts    integer        NOT NULL DEFAULT 0,
  created_at  timestamptz(3) NOT NULL,
  sent_at     timestamptz(3),
  telegram_id bigint
);
CREATE INDEX message_pending ON message (chat_id, id) WHERE state = 'pending';
CREATE INDEX message_expiry ON message (created_at);

-- What a chat is to hear of a problem. Waiting notices of a chat become one message when it may get the next.
CREATE TABLE notice (
  id          bigint         GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  chat_id     text           NOT NULL,
  fingerprint text           NOT NULL,
  phase       text           NOT NULL CHECK (phase IN ('first', 'digest', 'resolved', 'passed')),
  count       integer        NOT NULL,
  total       integer        NOT NULL,
  kind        text           NOT NULL,
  service     text           NOT NULL,
  severity    text           NOT NULL,
  title       text           NOT NULL,
  detail      text           NOT NULL,
  first_at    timestamptz(3) NOT NULL,
  at          timestamptz(3) NOT NULL,
  message_id  bigint         REFERENCES message ON DELETE CASCADE
);
CREATE INDEX notice_waiting ON notice (chat_id, id) WHERE message_id IS NULL;
CREATE INDEX notice_of_message ON notice (message_id);
