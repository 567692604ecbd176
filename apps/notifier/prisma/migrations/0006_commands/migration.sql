-- People act from Telegram: on problems as before, and on destinations, dead letters and quarantined webhooks, which
-- belong to other services. Each act is recorded with the account that did it.
ALTER TABLE action
  ALTER COLUMN fingerprint DROP NOT NULL,
  DROP CONSTRAINT action_kind_check,
  ADD CONSTRAINT action_kind_check CHECK (kind IN ('acknowledge', 'mute', 'pause', 'resume', 'replay', 'replay-dead-letters', 'replay-quarantine')),
  -- What it was done to, when that is no problem.
  ADD COLUMN target  text,
  ADD COLUMN via     text NOT NULL DEFAULT 'http' CHECK (via IN ('http', 'telegram')),
  ADD COLUMN user_id bigint,
  ADD COLUMN chat_id text,
  ADD CONSTRAINT action_has_a_target CHECK (num_nonnulls(fingerprint, target) > 0),
  ADD CONSTRAINT action_has_an_account CHECK ((via = 'telegram') = (user_id IS NOT NULL));

-- Buttons travel with a text, and an answer names the message that it answers.
ALTER TABLE message
  ADD COLUMN keyboard jsonb,
  ADD COLUMN reply_to bigint;

-- Updates of Telegram whose effect is committed. The row is written with the effect: an update that comes again after a
-- crash, or to another replica, finds it and does nothing.
CREATE TABLE telegram_update (
  update_id  bigint         PRIMARY KEY,
  handled_at timestamptz(3) NOT NULL
);
CREATE INDEX telegram_update_expiry ON telegram_update (handled_at);

-- A dangerous act that somebody asked for and has not confirmed yet. Its id is the key under which the other service
-- knows the act, so that doing it twice is doing it once.
CREATE TABLE confirmation (
  id         uuid           PRIMARY KEY,
  chat_id    text           NOT NULL,
  user_id    bigint         NOT NULL,
  user_name  text           NOT NULL,
  act        jsonb          NOT NULL,
  state      text           NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'confirmed', 'cancelled')),
  created_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3) NOT NULL
);
CREATE INDEX confirmation_expiry ON confirmation (created_at);

-- Accounts that may do nothing here and were told so: once, not at every try.
CREATE TABLE stranger (
  user_id    bigint         PRIMARY KEY,
  refused_at timestamptz(3) NOT NULL
);
CREATE INDEX stranger_expiry ON stranger (refused_at);

-- The digest of a day is told once, whatever number of replicas wants to.
CREATE TABLE digest (
  day        date           PRIMARY KEY,
  created_at timestamptz(3) NOT NULL
);
