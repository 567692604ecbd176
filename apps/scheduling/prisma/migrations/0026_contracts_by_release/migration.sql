-- Release of the time-zone database that the instants of a contract were derived with, as packages and lessons have it: only
-- contracts of another one are looked at and locked. '' is none: all that are there are looked at once.
ALTER TABLE teacher_contract ADD COLUMN tz_version text NOT NULL DEFAULT '';
