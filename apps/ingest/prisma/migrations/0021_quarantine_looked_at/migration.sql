-- When a replay last looked at an open row in vain. A replay that has no time for all of them begins with those that were
-- not looked at for longest, so that rows that stay invalid are not in the way of the others.
ALTER TABLE quarantine ADD COLUMN looked_at timestamptz(3);
