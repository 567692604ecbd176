-- People and their calendars, contracts, packages with their lessons, and the negotiation of times. Ids that the platform
-- gives compare by bytes (collation "C"). Wall clocks are text such as 2026-03-08T02:30: a driver would read a timestamp
-- without a zone on the clock of its own process.

-- Who takes part. No names and no addresses: the notifier keeps those.
CREATE TABLE participant (
  id           text COLLATE "C" PRIMARY KEY,
  role         text           NOT NULL CHECK (role IN ('teacher', 'student', 'partner', 'manager')),
  -- Display only: a lesson's time is agreed in its package's zone.
  zone         text           NOT NULL,
  locale       text           NOT NULL,
  -- SHA-256 of the secret in the address of the calendar feed.
  calendar_key bytea          UNIQUE,
  version      integer        NOT NULL DEFAULT 1,
  created_at   timestamptz(3) NOT NULL
);

-- Calendar days in the contract's own zone, both included, and the instants they stand for.
CREATE TABLE teacher_contract (
  id         uuid             PRIMARY KEY,
  teacher_id text COLLATE "C" NOT NULL REFERENCES participant (id),
  zone       text             NOT NULL,
  first_day  text             NOT NULL,
  last_day   text,
  starts_at  timestamptz(3)   NOT NULL,
  ends_at    timestamptz(3)   NOT NULL,
  version    integer          NOT NULL DEFAULT 1,
  CHECK (starts_at < ends_at)
);
CREATE INDEX teacher_contract_teacher ON teacher_contract (teacher_id, starts_at);

-- Hours of each weekday and single days off, on the clocks of the teacher's zone. No row: teaches at all times.
CREATE TABLE working_hours (
  teacher_id text COLLATE "C" PRIMARY KEY REFERENCES participant (id),
  zone       text             NOT NULL,
  hours      jsonb            NOT NULL,
  days_off   jsonb            NOT NULL,
  version    integer          NOT NULL DEFAULT 1
);

CREATE TABLE package (
  id            uuid             PRIMARY KEY,
  kind          text             NOT NULL CHECK (kind IN ('trial', 'assessment', 'individual', 'group')),
  state         text             NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'frozen', 'completed', 'cancelled')),
  -- Frozen at purchase, as are the terms below.
  zone          text             NOT NULL,
  teacher_id    text COLLATE "C" NOT NULL REFERENCES participant (id),
  start_date    text             NOT NULL,
  weeks         integer          NOT NULL CHECK (weeks BETWEEN 1 AND 104),
  reserve_weeks integer          NOT NULL CHECK (reserve_weeks BETWEEN 0 AND 104),
  starts_at     timestamptz(3)   NOT NULL,
  ends_at       timestamptz(3)   NOT NULL,
  limit_at      timestamptz(3)   NOT NULL,
  -- Assessment: the test whose result completes the first of the three parts, and which parts are done.
  test_id       text,
  parts_done    jsonb            NOT NULL DEFAULT '{}',
  tz_version    text             NOT NULL,
  version       integer          NOT NULL DEFAULT 1,
  created_at    timestamptz(3)   NOT NULL,
  CHECK (starts_at < ends_at AND ends_at <= limit_at)
);
CREATE INDEX package_teacher ON package (teacher_id);
CREATE INDEX package_test ON package (test_id) WHERE test_id IS NOT NULL;

CREATE TABLE seat (
  package_id uuid             NOT NULL REFERENCES package (id),
  student_id text COLLATE "C" NOT NULL REFERENCES participant (id),
  partner_id text COLLATE "C" NOT NULL REFERENCES participant (id),
  joined_at  timestamptz(3)   NOT NULL,
  left_at    timestamptz(3),
  PRIMARY KEY (package_id, student_id)
);
CREATE INDEX seat_student ON seat (student_id);
CREATE INDEX seat_partner ON seat (partner_id);

-- The thread in which one lesson or a series is moved.
CREATE TABLE move_request (
  id             uuid           PRIMARY KEY,
  package_id     uuid           NOT NULL REFERENCES package (id),
  scope          text           NOT NULL CHECK (scope IN ('lesson', 'series')),
  status         text           NOT NULL CHECK (status IN ('offered', 'waiting', 'closed')),
  outcome        text,
  origin         text           NOT NULL CHECK (origin IN ('people', 'tz-database')),
  opened_by_id   text           NOT NULL,
  opened_by_role text           NOT NULL,
  detached_from  uuid           REFERENCES move_request (id),
  -- All offers, oldest first; at most the last is open.
  offers         jsonb          NOT NULL,
  version        integer        NOT NULL,
  created_at     timestamptz(3) NOT NULL,
  closed_at      timestamptz(3),
  CHECK ((status = 'closed') = (outcome IS NOT NULL AND closed_at IS NOT NULL))
);
CREATE INDEX move_request_package ON move_request (package_id, created_at, id);
CREATE INDEX move_request_open ON move_request (package_id) WHERE status <> 'closed';

CREATE TABLE lesson (
  id                uuid             PRIMARY KEY,
  package_id        uuid             NOT NULL REFERENCES package (id),
  -- Who teaches it: another one than the package's after a replacement.
  teacher_id        text COLLATE "C" NOT NULL REFERENCES participant (id),
  -- Place in the package at purchase, from 1.
  number            integer          NOT NULL,
  status            text             NOT NULL
    CHECK (status IN ('scheduled', 'offered', 'awaiting', 'lapsed', 'completed', 'missed', 'cancelled')),
  version           integer          NOT NULL,
  sequence          integer          NOT NULL,
  starts_at         timestamptz(3)   NOT NULL,
  minutes           integer          NOT NULL CHECK (minutes BETWEEN 10 AND 480),
  wall              text COLLATE "C" NOT NULL CHECK (wall ~ '^\d{4}-\d\d-\d\dT\d\d:\d\d'),
  zone              text             NOT NULL,
  pass              text             CHECK (pass IN ('first', 'second')),
  tz_version        text             NOT NULL,
  keeps_instant     boolean          NOT NULL DEFAULT false,
  -- The slot it was sold with: the recurrence id of calendars, whatever happens later.
  original_wall     text             NOT NULL,
  original_start    timestamptz(3)   NOT NULL,
  request_id        uuid             REFERENCES move_request (id),
  holds_original    boolean          NOT NULL DEFAULT false,
  awaiting_since    timestamptz(3),
  follow_ups        integer          NOT NULL DEFAULT 0,
  reminded_at       timestamptz(3),
  unfinished_told_at timestamptz(3),
  limit_warned_at   timestamptz(3),
  lapsed_since      timestamptz(3),
  manager_reminders integer          NOT NULL DEFAULT 0,
  extended_limit    timestamptz(3),
  next_action_at    timestamptz(3),
  next_action_kind  text,
  UNIQUE (package_id, number),
  -- Never forgotten: whatever is not over has something ahead of it, and only that.
  CONSTRAINT lesson_has_a_next_action
    CHECK ((status IN ('completed', 'missed', 'cancelled')) = (next_action_at IS NULL) AND (next_action_at IS NULL) = (next_action_kind IS NULL)),
  -- One open request claims it exactly as long as it awaits a new time.
  CONSTRAINT lesson_awaits_in_a_request CHECK ((status IN ('offered', 'awaiting')) = (request_id IS NOT NULL)),
  CONSTRAINT lesson_awaits_since CHECK (status <> 'awaiting' OR awaiting_since IS NOT NULL)
);
CREATE INDEX lesson_due ON lesson (next_action_at, id) WHERE next_action_at IS NOT NULL;
CREATE INDEX lesson_package ON lesson (package_id, starts_at);
CREATE INDEX lesson_teacher ON lesson (teacher_id, starts_at);
CREATE INDEX lesson_request ON lesson (request_id) WHERE request_id IS NOT NULL;
CREATE INDEX lesson_awaiting ON lesson (next_action_at, id) WHERE status IN ('offered', 'awaiting', 'lapsed');
-- What the job after an update of the time-zone database looks at.
CREATE INDEX lesson_tz ON lesson (tz_version, package_id) WHERE status IN ('scheduled', 'offered', 'awaiting');

-- Nobody is in two lessons at once. One row per participant and slot that is held: a lesson's own, or an offered one. The
-- claim is the open request, else the lesson, so slots of one request never exclude each other.
CREATE TABLE slot_claim (
  participant_id text COLLATE "C" NOT NULL,
  lesson_id      uuid             NOT NULL REFERENCES lesson (id),
  slot           text             NOT NULL CHECK (slot IN ('lesson', 'offer')),
  claim          uuid             NOT NULL,
  during         tstzrange        NOT NULL CHECK (NOT isempty(during)),
  PRIMARY KEY (lesson_id, participant_id, slot),
  CONSTRAINT slot_claim_no_double_booking
    EXCLUDE USING gist (participant_id WITH =, during WITH &&, claim WITH <>)
);

-- Every transition, for ever: who, what, when, from what to what.
CREATE TABLE transition (
  id         bigint           GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at         timestamptz(3)   NOT NULL,
  package_id uuid             NOT NULL,
  request_id uuid,
  lesson_ids uuid[]           NOT NULL,
  type       text             NOT NULL,
  by_id      text             NOT NULL,
  by_role    text             NOT NULL,
  body       jsonb            NOT NULL
);
CREATE INDEX transition_package ON transition (package_id, id);

-- Answers to posts with an Idempotency-Key: the same key gives the same answer, another body is a conflict.
CREATE TABLE idempotency (
  subject    text COLLATE "C" NOT NULL,
  key        text COLLATE "C" NOT NULL,
  request    bytea            NOT NULL,
  status     integer          NOT NULL,
  body       text             NOT NULL,
  created_at timestamptz(3)   NOT NULL,
  PRIMARY KEY (subject, key)
);
CREATE INDEX idempotency_age ON idempotency (created_at);
