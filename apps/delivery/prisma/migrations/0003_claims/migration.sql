-- Leases of one claim are one row. An index over the leases of `wanted` changed with every claim and every mark: no
-- update could stay on its page, and counting the few live leases of a destination walked the entries of all dead ones.

-- What one transaction claimed at one destination, and how many of these requests have not been written down. The live
-- leases of a destination are the sum over its few rows here. The keys say where the leased rows are, for recovery and
-- for lists: there is no other way to them. The row goes with its last mark, or when its lease has run out.
CREATE TABLE claim (
  destination_id text           COLLATE "C" NOT NULL,
  token          uuid           NOT NULL,
  lease_until    timestamptz(3) NOT NULL,
  live           integer        NOT NULL CHECK (live > 0),
  kinds          text[]         NOT NULL,
  keys           text[]         COLLATE "C" NOT NULL,
  PRIMARY KEY (destination_id, token),
  CONSTRAINT claim_keys CHECK (cardinality(kinds) = cardinality(keys) AND live <= cardinality(keys))
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);

-- First, for its lock: what is claimed meanwhile by a process of the version before would be missing below.
DROP INDEX wanted_lease;
INSERT INTO claim (destination_id, token, lease_until, live, kinds, keys)
SELECT destination_id, lease_token, max(lease_until), count(*), array_agg(kind), array_agg(key)
FROM wanted WHERE lease_token IS NOT NULL GROUP BY destination_id, lease_token;
