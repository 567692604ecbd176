import type { Database, Statement } from '@schoolbell/service-kit';
import type { Press } from '../buttons/data.ts';

const ofMessage: Statement = { name: 'press_chat_message', text: 'SELECT chat_id AS "chatId" FROM message WHERE id = $1::bigint' };
const ofConfirmation: Statement = { name: 'press_chat_confirmation', text: 'SELECT chat_id AS "chatId" FROM confirmation WHERE id = $1::uuid' };
// The presser's own chat with the bot first: there nobody else could have pressed.
const ofProblem: Statement = {
  name: 'press_chat_problem',
  text: `SELECT message.chat_id AS "chatId"
         FROM problem JOIN notice ON notice.fingerprint = problem.fingerprint JOIN message ON message.id = notice.message_id
         WHERE problem.id = $1::bigint AND message.keyboard IS NOT NULL AND message.chat_id = ANY($2::text[])
         ORDER BY message.chat_id = $3 DESC, message.id DESC LIMIT 1`,
};

/** The one of these chats into which the bot wrote the button. Whoever pressed it must be admitted there like anybody. */
export async function whereWritten(db: Database, press: Press, userId: number, chats: readonly string[]): Promise<string | undefined> {
  const [row] = await ask(db, press, userId, chats);
  return row !== undefined && chats.includes(row.chatId) ? row.chatId : undefined;
}

function ask(db: Database, press: Press, userId: number, chats: readonly string[]): Promise<{ chatId: string }[]> {
  switch (press.on) {
    case 'message':
      return db.query(ofMessage, [press.messageId.toString()]);
    case 'confirmation':
      return db.query(ofConfirmation, [press.id]);
    case 'problem':
      return db.query(ofProblem, [press.problemId.toString(), chats, String(userId)]);
  }
}
