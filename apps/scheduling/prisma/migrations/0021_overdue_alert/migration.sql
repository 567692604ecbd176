-- Alerts that were told and whose end was not: a row each, so that all replicas tell one.
CREATE TABLE open_alert (
  fingerprint text           PRIMARY KEY,
  opened_at   timestamptz(3) NOT NULL
);
