-- Who has a problem in hand, until when it is muted, and how many further chats were told because nobody had.
ALTER TABLE problem
  ADD COLUMN acknowledged_at timestamptz(3),
  ADD COLUMN acknowledged_by text,
  ADD COLUMN muted_until     timestamptz(3),
  ADD COLUMN escalations     integer NOT NULL DEFAULT 0 CHECK (escalations >= 0),
  ADD CHECK ((acknowledged_at IS NULL) = (acknowledged_by IS NULL));
CREATE INDEX problem_unattended ON problem (first_at) WHERE state = 'firing' AND severity = 'critical' AND acknowledged_at IS NULL;

ALTER TABLE notice DROP CONSTRAINT notice_phase_check;
ALTER TABLE notice ADD CONSTRAINT notice_phase_check CHECK (phase IN ('first', 'digest', 'resolved', 'passed', 'escalated'));

-- What people did about problems. Kept as long as the problem may be asked about.
CREATE TABLE action (
  id          bigint           GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  fingerprint text COLLATE "C" NOT NULL,
  kind        text             NOT NULL CHECK (kind IN ('acknowledge', 'mute')),
  by          text             NOT NULL,
  detail      text             NOT NULL,
  at          timestamptz(3)   NOT NULL
);
CREATE INDEX action_of_problem ON action (fingerprint, id);
CREATE INDEX action_expiry ON action (at);
