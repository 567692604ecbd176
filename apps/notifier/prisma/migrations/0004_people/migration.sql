-- People: who they are, and what each of them is told. No other service has a name or an address.

CREATE TABLE contact (
  participant_id text COLLATE "C" PRIMARY KEY,
  name           text           NOT NULL,
  email          text,
  -- Topics of mail that the person does not want.
  unwanted       text[]         NOT NULL DEFAULT '{}',
  version        integer        NOT NULL DEFAULT 1,
  created_at     timestamptz(3) NOT NULL,
  updated_at     timestamptz(3) NOT NULL
);

-- What happened in scheduling, once for all who hear of it. Ids only. Also what is known of redeliveries: readers are
-- told with the first insert of the event and never again.
CREATE TABLE told_event (
  event_id        text COLLATE "C" PRIMARY KEY,
  transition      text           NOT NULL,
  request_id      text,
  -- Version of the move request after the event: a greater one has overtaken it.
  request_version integer,
  data            jsonb          NOT NULL,
  at              timestamptz(3) NOT NULL,
  told_at         timestamptz(3) NOT NULL
);
CREATE INDEX told_event_request ON told_event (request_id, request_version) WHERE request_id IS NOT NULL;
CREATE INDEX told_event_expiry ON told_event (told_at);

-- One event told to one reader. Inserts take turns (see notices/store.ts), so that ids become visible in their order:
-- the id is the cursor of the inbox and of its live stream.
CREATE TABLE inbox_item (
  id         bigint           GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event_id   text COLLATE "C" NOT NULL REFERENCES told_event (event_id) ON DELETE CASCADE,
  reader_id  text COLLATE "C" NOT NULL,
  role       text             NOT NULL CHECK (role IN ('teacher', 'student', 'partner', 'manager')),
  -- The reader's, at the time of telling.
  zone       text             NOT NULL,
  locale     text             NOT NULL,
  created_at timestamptz(3)   NOT NULL,
  read_at    timestamptz(3),
  UNIQUE (event_id, reader_id)
);
CREATE INDEX inbox_item_reader ON inbox_item (reader_id, id);
CREATE INDEX inbox_item_unread ON inbox_item (reader_id) WHERE read_at IS NULL;

-- Opens the live inbox of one person once, within seconds, in place of a bearer header that browsers cannot send.
CREATE TABLE inbox_ticket (
  -- SHA-256 of the ticket.
  hash       bytea            PRIMARY KEY,
  reader_id  text COLLATE "C" NOT NULL,
  expires_at timestamptz(3)   NOT NULL
);
CREATE INDEX inbox_ticket_reader ON inbox_ticket (reader_id);
CREATE INDEX inbox_ticket_expiry ON inbox_ticket (expires_at);
