import type { FastifyReply } from 'fastify';
import { Problem, PROBLEM_MEDIA_TYPE } from './problem.ts';

export function sendProblem(reply: FastifyReply, { status, headers, body }: Problem): FastifyReply {
  return reply.code(status).headers(headers).header('content-type', PROBLEM_MEDIA_TYPE).send(JSON.stringify(body));
}

export const routeUnknown = (): Problem =>
  new Problem({ status: 404, code: 'route-unknown', title: 'There is nothing here.', detail: 'See /docs for what there is.' });
