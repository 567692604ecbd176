-- Where in its stream a row stands is written down beside the rows, one line for each message: an outbox row is written
-- once and never again. Before, a mark made a second version of the row, with new entries in its indexes.
CREATE TABLE publication (
  stream  text     NOT NULL,
  epoch   uuid     NOT NULL,
  seq     bigint   NOT NULL,
  -- Ids of the rows whose events the message holds, and the greatest of them.
  ids     bigint[] NOT NULL,
  last_id bigint   NOT NULL,
  PRIMARY KEY (stream, epoch, seq)
);

-- Rows whose message was lost with its stream. They are published again before any other.
CREATE TABLE publish_again (
  stream text   NOT NULL,
  id     bigint NOT NULL,
  PRIMARY KEY (stream, id)
);

-- Every row of the stream up to here is in a publication, in `publish_again`, or overtaken.
ALTER TABLE stream_state ADD COLUMN checked_id bigint NOT NULL DEFAULT 0;

INSERT INTO publication (stream, epoch, seq, ids, last_id)
SELECT stream, epoch, seq, array_agg(id ORDER BY id), max(id) FROM outbox WHERE seq IS NOT NULL GROUP BY stream, epoch, seq;

-- By id first: who looks for the rows above one finds them in each day without reading the day.
ALTER TABLE outbox DROP CONSTRAINT outbox_pkey;
ALTER TABLE outbox ADD PRIMARY KEY (id, day);
DROP INDEX outbox_pending;
ALTER TABLE outbox DROP COLUMN epoch, DROP COLUMN seq;
