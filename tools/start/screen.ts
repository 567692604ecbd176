import { join } from 'node:path';
import type { ServiceHandle } from '@schoolbell/local-stack';
import type { ChosenConfiguration } from './configuration.ts';
import { LEARNER, type PlayedWebhook } from './first-webhook.ts';
import { FOLDER } from './folder.ts';
import type { Secrets } from './secrets.ts';
import { DATABASE, type Stack } from './stack.ts';

/** What happened to the played webhook. */
export function describeWebhook({ status, answer, summary, tookMs }: PlayedWebhook): string {
  if (status !== 202) return `The webhook was answered ${status} instead of 202: ${answer}`;
  if (summary === undefined) {
    return `The webhook was accepted, but no summary has arrived at the client yet: see the logs of results and delivery in ${FOLDER.logs}.`;
  }
  return [
    `One signed webhook went through the whole chain: accepted (202), and ${tookMs} ms later the client's server`,
    `received and verified the summary of ${LEARNER}, revision ${summary.message.data.revision}:`,
    '',
    indent(JSON.stringify(summary.message, null, 2)),
  ].join('\n');
}

export function addressTable({ services, clientUrl, natsUrl, databaseUrl }: Stack, { path: configuration, development }: ChosenConfiguration): string {
  const rows: [string, string, string][] = [
    ...services.map(({ service, url }): [string, string, string] => [service, url, DOCS[service]]),
    ["client's server", clientUrl, 'stand-in; / lists the learners, /summaries/<learner> shows the newest'],
    ['NATS', natsUrl, ''],
    ['Postgres', withoutPassword(databaseUrl), 'one schema per service; the password is in superuser-password beside its data'],
    ['configuration', configuration, ''],
    ['logs', FOLDER.logs, ''],
    ...(development ? messageRows : []),
  ];
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map(([name, address, note]) => `  ${name.padEnd(widths[0]!)}  ${address.padEnd(widths[1]!)}  ${note}`.trimEnd()).join('\n');
}

/** The development configuration has no SMTP server and no bot. */
const messageRows: [string, string, string][] = [
  ['mails', FOLDER.mails, 'to people, each as .eml and .html'],
  ["the bot's messages", join(FOLDER.logs, 'notifier.log'), 'lines with "no bot token is configured"'],
];

const DOCS: Readonly<Record<ServiceHandle['service'], string>> = {
  ingest: 'POST /v1/webhooks/platform; each service: /docs /health/ready /metrics',
  results: 'summaries, results, ratings',
  delivery: 'undelivered, attempts, replay, pause',
  scheduling: 'lessons and moves of them; docs/scheduling.md',
  notifier: 'alerts, contacts, inboxes, mails, answer pages',
};

/** Signs anew each time it is pasted, so it never goes stale, with nothing but curl and Node. */
export function signedCurl(ingestUrl: string, secret: string): string {
  const key = secret.replace(/^whsec_/, '');
  return [
    `now=$(date +%s); at=$(date -u +%Y-%m-%dT%H:%M:%SZ); id=msg-$now-$RANDOM`,
    `body='{"type":"test.completed","timestamp":"'$at'","data":{"attemptId":"a-'$id'","learnerId":"${LEARNER}","courseId":"c-12","testId":"t-curl","score":19,"maxScore":20,"passed":true,"completedAt":"'$at'"}}'`,
    `signature=$(printf '%s' "$id.$now.$body" | node -e 'process.stdout.write(require("crypto").createHmac("sha256",Buffer.from("${key}","base64")).update(require("fs").readFileSync(0)).digest("base64"))')`,
    `curl -i ${ingestUrl}/v1/webhooks/platform -H 'content-type: application/json' -H "webhook-id: $id" -H "webhook-timestamp: $now" -H "webhook-signature: v1,$signature" -d "$body"`,
  ].join('\n');
}

export function readCurl(resultsUrl: string, secrets: Secrets): string {
  return `curl -H 'authorization: Bearer ${secrets.SCHOOLBELL_TOKEN}' ${resultsUrl}/v1/organizations/acme/learners/${LEARNER}/summary`;
}

function withoutPassword(address: string): string {
  const url = new URL(address);
  url.password = '';
  url.pathname = `/${DATABASE}`;
  return url.toString();
}

const indent = (text: string): string => text.replace(/^/gm, '  ');
