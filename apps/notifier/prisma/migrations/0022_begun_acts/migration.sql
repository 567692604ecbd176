-- The update by which an act was begun. After a crash it comes again, perhaps when its question has ended, and it is not
-- known whether the other service did it.
ALTER TABLE confirmation ADD COLUMN begun_by bigint;
