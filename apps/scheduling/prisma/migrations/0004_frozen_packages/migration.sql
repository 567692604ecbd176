-- Since when a package rests. Lessons that begin from then on do not take place; one that ran at that moment does.
ALTER TABLE package ADD COLUMN frozen_at timestamptz(3);
ALTER TABLE package ADD CONSTRAINT package_frozen_since CHECK ((state = 'frozen') = (frozen_at IS NOT NULL));
