-- Mail: what of the inbox goes out by e-mail, when, and what became of it. Addresses stay in contact.

-- One row per reader is the authority for all replicas: who is writing to them, and when the next mail may go.
CREATE TABLE mailbox (
  reader_id   text COLLATE "C" PRIMARY KEY,
  state       text             NOT NULL DEFAULT 'ok' CHECK (state IN ('ok', 'failing', 'refused')),
  -- The address that state, failures and last_error are about: another one begins anew.
  address     text,
  failures    integer          NOT NULL DEFAULT 0,
  last_error  text,
  state_at    timestamptz(3),
  -- A mail may go from then on; what comes earlier is gathered.
  not_before  timestamptz(3)   NOT NULL DEFAULT 'epoch',
  -- When the mailbox is looked at next. Null: nothing waits. While leased, the end of the lease.
  due_at      timestamptz(3),
  lease_token uuid,
  CHECK (lease_token IS NULL OR due_at IS NOT NULL)
);
CREATE INDEX mailbox_due ON mailbox (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX mailbox_trouble ON mailbox (reader_id) WHERE state <> 'ok';

-- A mail that was begun. Its words are made from its items each time, its Message-ID is kept: a crash between sending
-- and the mark repeats this very mail, and mail servers know it again. Of a mail that was surely not taken the row goes,
-- and its items wait again.
CREATE TABLE mail (
  id         bigint           GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  reader_id  text COLLATE "C" NOT NULL,
  message_id text             NOT NULL,
  state      text             NOT NULL CHECK (state IN ('pending', 'sent', 'refused', 'bounced')),
  attempts   integer          NOT NULL DEFAULT 0,
  created_at timestamptz(3)   NOT NULL,
  sent_at    timestamptz(3),
  error      text
);
-- One mail at a time for each reader.
CREATE UNIQUE INDEX mail_pending ON mail (reader_id) WHERE state = 'pending';
CREATE INDEX mail_message_id ON mail (message_id);
CREATE INDEX mail_expiry ON mail (created_at);

-- What waits to be written to somebody. Items of one reader become one mail when the next may go.
CREATE TABLE mail_item (
  inbox_item_id bigint           PRIMARY KEY REFERENCES inbox_item ON DELETE CASCADE,
  event_id      text COLLATE "C" NOT NULL,
  reader_id     text COLLATE "C" NOT NULL,
  topic         text             NOT NULL,
  created_at    timestamptz(3)   NOT NULL,
  -- From then on not worth a mail of its own: it waits for the next one.
  late_at       timestamptz(3),
  mail_id       bigint           REFERENCES mail ON DELETE CASCADE,
  UNIQUE (event_id, reader_id)
);
CREATE INDEX mail_item_waiting ON mail_item (reader_id, inbox_item_id) WHERE mail_id IS NULL;
CREATE INDEX mail_item_of_mail ON mail_item (mail_id);

-- Answers given by a link, each once: the key is of the form and the verb, and scheduling carries it out once.
CREATE TABLE answer (
  key           text COLLATE "C" PRIMARY KEY,
  inbox_item_id bigint           NOT NULL REFERENCES inbox_item ON DELETE CASCADE,
  verb          text             NOT NULL CHECK (verb IN ('approve', 'decline', 'counter', 'propose', 'restore')),
  to_start      timestamptz(3),
  at            timestamptz(3)   NOT NULL,
  -- Null: not known yet, because scheduling has not answered.
  outcome       text             CHECK (outcome IN ('done', 'refused')),
  code          text
);
CREATE INDEX answer_of_item ON answer (inbox_item_id, at);
