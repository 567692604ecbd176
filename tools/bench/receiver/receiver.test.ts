import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startReceiverServer, type ReceiverServer } from './server.ts';

const PORT = 14_977;
let server: ReceiverServer;
beforeEach(async () => void (server = await startReceiverServer(PORT)));
afterEach(() => server.close());

function message(learnerId: string, revision: number): string {
  const body = JSON.stringify({ data: { organizationId: 'acme', learnerId } });
  return `POST / HTTP/1.1\r\nhost: x\r\nSchoolbell-Revision: ${revision}\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
}
/** Sends everything on one connection and resolves with the status line of each answer. */
function send(...messages: string[]): Promise<string[]> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(PORT, '127.0.0.1', () => socket.write(messages.join('')));
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      text += chunk.toString();
      const lines = text.match(/HTTP[^\r]*/g) ?? [];
      if (lines.length === messages.length) resolve(lines);
    });
  });
}

describe('the receiver', () => {
  it('keeps the newest message of each learner and counts the older and the same', async () => {
    await send(message('u-1', 1), message('u-2', 1), message('u-1', 3), message('u-1', 2), message('u-2', 1));
    expect(server.store.counts).toMatchObject({ messages: 5, learners: 2, older: 1, same: 1 });
    expect(server.store.newest().map(({ learnerId, revision }) => [learnerId, revision])).toEqual([['u-1', 3], ['u-2', 1]]);
  });
  it('keeps all when asked to, with heads and bodies as they came', async () => {
    server.reset({ keepAll: true });
    await send(message('u-1', 1), message('u-1', 2));
    expect(server.store.all().map(({ head, body }) => head + body.toString())).toEqual([message('u-1', 1), message('u-1', 2)]);
  });
  it('answers 500, or is not there, and is well again', async () => {
    await server.behave('error');
    expect(await send(message('u-1', 1))).toEqual(['HTTP/1.1 500 Internal Server Error']);
    await server.behave('refuse');
    await expect(send(message('u-1', 1))).rejects.toThrow('ECONNREFUSED');
    await server.behave('ok');
    expect(await send(message('u-1', 1))).toEqual(['HTTP/1.1 200 OK']);
    expect([server.failed, server.store.counts.messages]).toEqual([1, 1]);
  });
});
