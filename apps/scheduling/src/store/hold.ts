import type { Tx } from '@schoolbell/service-kit';
import { formatInstant } from '@schoolbell/time';
import type { Claim } from '../moves/claims.ts';

/** Writes which slots lessons hold. Rows that stay are not touched: an offer that is agreed to becomes the lesson's slot as it is. */

const releaseSlots = {
  name: 'scheduling_release_slots',
  // NOT IN is looked up in a hash; as an anti-join a long series would be compared row by row.
  text: `DELETE FROM slot_claim
          WHERE lesson_id = ANY ($1::uuid[])
            AND (participant_id, lesson_id, claim, during) NOT IN (
              SELECT participant_id, lesson_id, claim, tstzrange(starts, ends)
                FROM unnest($2::text[], $3::uuid[], $4::uuid[], $5::timestamptz[], $6::timestamptz[])
                  AS kept (participant_id, lesson_id, claim, starts, ends))`,
};
const claimSlots = {
  name: 'scheduling_claim_slots',
  text: `INSERT INTO slot_claim (participant_id, lesson_id, claim, during)
         SELECT participant_id, lesson_id, claim, tstzrange(starts, ends)
           FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::timestamptz[], $5::timestamptz[])
             AS new (participant_id, lesson_id, claim, starts, ends)
         ON CONFLICT (lesson_id, participant_id, lower(during)) DO NOTHING`,
};

/** These lessons hold nothing but what is kept. */
export function release(tx: Tx, lessonIds: readonly string[], kept: readonly Claim[]): void {
  if (lessonIds.length > 0) tx.send(releaseSlots, [lessonIds, ...columnsOf(kept)]);
}

/** Holds slots; what a lesson may take from another is released before. The transaction fails with exclusion_violation when somebody is not free. */
export function claim(tx: Tx, claims: readonly Claim[]): void {
  if (claims.length > 0) tx.send(claimSlots, columnsOf(claims));
}

const columnsOf = (claims: readonly Claim[]): unknown[] => [
  claims.map(({ participantId }) => participantId), claims.map(({ lessonId }) => lessonId), claims.map((one) => one.claim),
  claims.map(({ start }) => formatInstant(start)), claims.map(({ end }) => formatInstant(end)),
];
