// The ceiling: what Fastify and the signature cost when nothing is parsed and nothing is stored.
import { HEADER_ID, HEADER_SIGNATURE, HEADER_TIMESTAMP, parseSecret, verify } from '@schoolbell/standard-webhooks';
import { systemClock } from '@schoolbell/time';
import Fastify from 'fastify';
import { serveCommands } from '../processes/serve.ts';

export type CeilingCommands = { listen(secret: string): Promise<string> };

const commands: CeilingCommands = {
  async listen(secret) {
    const keys = [parseSecret(secret)];
    const app = Fastify({ logger: false });
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    app.post<{ Body: Buffer; Headers: Record<string, string> }>('/v1/webhooks/:source', (request, reply) => {
      const { headers, body } = request;
      const message = { id: headers[HEADER_ID], timestamp: headers[HEADER_TIMESTAMP], signature: headers[HEADER_SIGNATURE], body };
      const verdict = verify(keys, message, systemClock.now());
      if (verdict !== 'verified') return reply.code(401).send({ verdict });
      return reply.code(202).send({ id: message.id, duplicate: false });
    });
    return app.listen({ host: '127.0.0.1', port: 0 });
  },
};

serveCommands(commands);
