-- Which release of the time-zone database each running replica has: lessons are derived anew only when all have the same.
CREATE TABLE replica (
  id         uuid           PRIMARY KEY,
  tz_version text           NOT NULL,
  seen_at    timestamptz(3) NOT NULL
);
