-- When a replica that has the destination in its configuration last looked at it. Null: none has for long, and what was
-- told about it has been ended. Rows that are configured no more end theirs after the first looks.
ALTER TABLE destination ADD COLUMN configured_at timestamptz(3);
UPDATE destination SET configured_at = now();
