-- Who did not come to a lesson, by whom and when it was said. NULL: nobody was reported.
ALTER TABLE lesson ADD COLUMN absences jsonb;
