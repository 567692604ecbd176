-- Which summaries are to be told, in the manner of the outbox: a row is written once, by the fold. It names a revision
-- and has no text; if the learner has a newer one by the time it would be told, it never is.
CREATE TABLE summary_queue (
  id              bigint           GENERATED ALWAYS AS IDENTITY,
  day             date             NOT NULL DEFAULT (CURRENT_TIMESTAMP AT TIME ZONE 'UTC')::date,
  organization_id text COLLATE "C" NOT NULL,
  learner_id      text COLLATE "C" NOT NULL,
  revision        integer          NOT NULL,
  PRIMARY KEY (id, day)
) PARTITION BY RANGE (day);
-- Takes rows only if nobody made the day's partition in time.
CREATE TABLE summary_queue_default PARTITION OF summary_queue DEFAULT;

INSERT INTO summary_queue (organization_id, learner_id, revision)
SELECT organization_id, learner_id, revision FROM summary_publication ORDER BY queued_at, organization_id, learner_id;
INSERT INTO publication (stream, epoch, seq, ids, last_id)
SELECT 'RESULTS_SUMMARY', p.epoch, p.seq, array_agg(q.id ORDER BY q.id), max(q.id)
  FROM summary_publication AS p JOIN summary_queue AS q USING (organization_id, learner_id, revision)
 WHERE p.seq IS NOT NULL GROUP BY p.epoch, p.seq;
DROP TABLE summary_publication;
