import type { Database, Statement } from '@schoolbell/service-kit';
import { readNames } from '../contacts/store.ts';
import { hasWords } from '../notices/decide.ts';
import { harmless, NAME_MAX } from '../notices/harmless.ts';
import type { Names, Notice, RenderedNotice } from '../notices/notice.ts';
import { renderNotice } from '../notices/render.ts';
import { findNotices, peopleNamed } from '../notices/store.ts';
import type { Links } from '../links/links.ts';
import { compose } from './compose.ts';
import type { Letter, Sender } from './letter.ts';
import type { MailClaim } from './queue.ts';

const items: Statement = { name: 'mail_items', text: 'SELECT inbox_item_id::text AS id FROM mail_item WHERE mail_id = $1::bigint ORDER BY inbox_item_id' };

/** Puts a claimed mail into words, anew at each attempt: bodies are stored nowhere, and a corrected name is used at once. Undefined: begun by a newer release, which alone has words for it. */
export function createWriter(deps: { db: Database; links: Links; sender: () => Sender }): (claim: MailClaim) => Promise<Letter | undefined> {
  const { db, links, sender } = deps;
  return async ({ address, name, mail: { id, messageId, createdAtMs } }) => {
    const rows = await db.query<{ id: string }>(items, [id]);
    const notices = await findNotices(db, rows.map((row) => row.id));
    if (!notices.every(hasWords)) return undefined;
    const names = await namesIn(db, notices);
    return compose({
      messageId, atMs: createdAtMs, to: { address, name: harmless(name, NAME_MAX) }, sender: sender(), links,
      notices: notices.map((notice) => ({ notice, rendered: renderNotice(notice, names) })),
    });
  };
}

/** One notice in its reader's words, with the names of now. */
export const renderFor = async (db: Database, notice: Notice): Promise<RenderedNotice> => renderNotice(notice, await namesIn(db, [notice]));

const namesIn = (db: Database, notices: readonly Notice[]): Promise<Names> => readNames(db, [...new Set(notices.flatMap(peopleNamed))]);
