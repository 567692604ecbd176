-- With the old index the planner, before the first analyse, looked up a single standing by reading all of the learner's:
-- both indexes seemed to cost the same. A look-up by key does not imply the predicate, so that only the list of the
-- newest can use this one. Every finite instant satisfies it.
DROP INDEX standing_recent;
CREATE INDEX standing_recent ON standing (learner_id, organization_id, completed_at DESC) WHERE completed_at > '-infinity';
