-- Since when a group has fewer than two students, and when partners and managers are asked the next time what to do.
ALTER TABLE package ADD COLUMN small_since timestamptz(3), ADD COLUMN ask_at timestamptz(3);
ALTER TABLE package ADD CONSTRAINT package_small_is_asked_about
  CHECK ((small_since IS NULL) = (ask_at IS NULL) AND (small_since IS NULL OR state IN ('active', 'frozen')));
CREATE INDEX package_ask ON package (ask_at, id) WHERE ask_at IS NOT NULL;

-- Groups that are small already are asked about at once.
UPDATE package SET small_since = CURRENT_TIMESTAMP, ask_at = CURRENT_TIMESTAMP
 WHERE kind = 'group' AND state IN ('active', 'frozen')
   AND (SELECT count(*) FROM seat WHERE seat.package_id = package.id AND seat.left_at IS NULL) < 2
   AND EXISTS (SELECT FROM lesson WHERE lesson.package_id = package.id AND lesson.next_action_at IS NOT NULL);
