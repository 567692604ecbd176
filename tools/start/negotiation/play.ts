import { openRehearsal, type RehearsalOptions } from './rehearsal.ts';
import { BEGINS_AT, playNegotiation } from './story.ts';
import { describeNegotiation } from './table.ts';

/** Plays the negotiation from nothing to nothing, and says what each side saw. */
export async function rehearseNegotiation(options: Omit<RehearsalOptions, 'now'>): Promise<string> {
  const rehearsal = await openRehearsal({ ...options, now: BEGINS_AT });
  try {
    return describeNegotiation(await playNegotiation(rehearsal));
  } finally {
    await rehearsal.stop();
  }
}
