-- GiST over text picks its pages badly and holds wide keys: over a hash of the participant a slot is held at two thirds of the
-- cost. Equal people have equal hashes, so nobody is booked twice; two people of one hash would exclude each other, of 2^64.
ALTER TABLE slot_claim DROP CONSTRAINT slot_claim_no_double_booking;
ALTER TABLE slot_claim ADD CONSTRAINT slot_claim_no_double_booking
  EXCLUDE USING gist (hashtextextended(participant_id, 0) WITH =, during WITH &&, claim WITH <>);

-- Who is busy around some slots: a lesson is at most eight hours long, so where it ends says where to look.
CREATE INDEX slot_claim_busy ON slot_claim (participant_id, upper(during));
