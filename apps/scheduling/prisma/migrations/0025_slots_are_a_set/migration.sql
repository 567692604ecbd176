-- What a lesson holds is a set of slots: an offered one that is agreed to becomes the lesson's own as it is, with no row written.
-- Before, each command took a lesson's rows away and wrote them anew.
ALTER TABLE slot_claim DROP CONSTRAINT slot_claim_no_double_booking;
ALTER TABLE slot_claim DROP CONSTRAINT slot_claim_pkey;
ALTER TABLE slot_claim DROP COLUMN slot;
CREATE UNIQUE INDEX slot_claim_of_lesson ON slot_claim (lesson_id, participant_id, lower(during));

-- The claim is the lesson's own id; the request's only where lessons of one open request overlap each other.
UPDATE slot_claim SET claim = lesson_id
 WHERE claim <> lesson_id
   AND NOT EXISTS (SELECT FROM slot_claim AS own JOIN slot_claim AS other USING (participant_id, claim)
                    WHERE own.lesson_id = slot_claim.lesson_id AND other.lesson_id <> own.lesson_id AND other.during && own.during);

ALTER TABLE slot_claim ADD CONSTRAINT slot_claim_no_double_booking
  EXCLUDE USING gist (hashtextextended(participant_id, 0) WITH =, during WITH &&, claim WITH <>);
