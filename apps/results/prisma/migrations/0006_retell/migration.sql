-- Summaries of this organization are told again from the learner after this one on. NULL: nothing is to be told again.
ALTER TABLE organization ADD COLUMN retell_after text COLLATE "C";
