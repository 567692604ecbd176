-- Who is in a course: for its rating, for the results of a test, and to find the courses of an organization. The
-- condition is always true and is there for the planner: the look-ups of the fold do not imply it, so they stay with
-- the primary key. No column of it ever changes, so the fold's updates stay within their page.
CREATE INDEX course_total_of_course ON course_total (organization_id, course_id, learner_id) WHERE course_id <> '';

-- A rating that is told: of an organization (course_id is empty) or of one of its courses.
CREATE TABLE rating (
  organization_id text COLLATE "C" NOT NULL,
  course_id       text COLLATE "C" NOT NULL,
  -- Of the last message; 0: none.
  revision        integer          NOT NULL DEFAULT 0,
  looked_at       timestamptz(3)   NOT NULL DEFAULT '-infinity',
  PRIMARY KEY (organization_id, course_id)
) WITH (fillfactor = 70);

-- The rank that was last told of each learner, and in which revision.
CREATE TABLE rating_told (
  organization_id text COLLATE "C" NOT NULL,
  course_id       text COLLATE "C" NOT NULL,
  learner_id      text COLLATE "C" NOT NULL,
  rank            integer          NOT NULL,
  revision        integer          NOT NULL,
  PRIMARY KEY (organization_id, course_id, learner_id)
) WITH (fillfactor = 70);
