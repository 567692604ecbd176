import { chooseConfiguration, checkConfiguration } from './configuration.ts';
import { playWebhook } from './first-webhook.ts';
import { claimFolder, countStart, removeData } from './folder.ts';
import type { StartOptions } from './options.ts';
import { rehearseNegotiation } from './negotiation/play.ts';
import { tokenCommand } from './negotiation/token-command.ts';
import { portsFrom } from './ports.ts';
import { addressTable, describeWebhook, readCurl, signedCurl } from './screen.ts';
import { developmentSecrets } from './secrets.ts';
import { startStack } from './stack.ts';

/** From nothing to a system that is up, and back to nothing on Ctrl-C. */
export async function run({ fresh, verbose, portBase }: StartOptions): Promise<void> {
  const { env } = process;
  const seconds = () => `${process.uptime().toFixed(1).padStart(5)} s`;
  const progress = (step: string): void => console.log(`${seconds()}  ${step}`);
  const undo: (() => Promise<void>)[] = [];
  const stopAsked = untilSignal(() => console.log('\nStopping …'));

  undo.push(async () => release());
  const release = claimFolder();
  try {
    if (fresh) {
      await removeData(env);
      progress('all earlier data deleted');
    }
    const start = countStart();
    const secrets = developmentSecrets(env);
    const configuration = chooseConfiguration(env, portBase);
    await checkConfiguration(configuration.path, { ...env, ...secrets });
    const starting = startStack(
      {
        env,
        ports: portsFrom(portBase),
        secrets,
        configuration: configuration.path,
        progress,
        onRestart: progress,
        ...(verbose && { echo: (line: string) => console.log(line) }),
      },
      undo,
    );
    const stack = await Promise.race([starting, stopAsked.then(() => undefined)]);
    if (stack === undefined) return void (await starting.catch(() => undefined));

    const url = (name: string): string => stack.services.find(({ service }) => service === name)!.url;
    if (configuration.development) {
      progress('a signed webhook, from the platform to the client');
      const played = playWebhook({ ingestUrl: url('ingest'), clientUrl: stack.clientUrl, secret: secrets.SCHOOLBELL_WEBHOOK_SECRET, start });
      const result = await Promise.race([played, stopAsked.then(() => undefined)]);
      if (result === undefined) return;
      console.log(`\n${describeWebhook(result)}`);
    }
    progress('a negotiation about lessons, in a rehearsal with a clock of its own');
    const rehearsed = rehearseNegotiation({ adminUrl: stack.databaseUrl, configuration: configuration.path, secrets: { ...env, ...secrets } })
      .catch((error: unknown) => `The negotiation could not be played: ${(error as Error).message}`);
    const shown = await Promise.race([rehearsed, stopAsked.then(() => undefined)]);
    // Its database is dropped before Postgres is stopped.
    if (shown === undefined) return void (await rehearsed);
    console.log(`\n${shown}`);
    console.log(`\nAddresses:\n\n${addressTable(stack, configuration)}`);
    if (configuration.development) {
      console.log(`\nSend a webhook yourself (paste all lines):\n\n${signedCurl(url('ingest'), secrets.SCHOOLBELL_WEBHOOK_SECRET)}`);
      console.log(`\nRead the learner's summary:\n\n${readCurl(url('results'), secrets)}`);
      console.log(`\nAsk for lessons with a token of your own (docs/scheduling.md goes on from here):\n\n${tokenCommand(url('scheduling'))}`);
    }
    console.log(`\nUp after ${seconds().trim()}. Ctrl-C stops everything; the data stay.`);
    await stopAsked;
  } finally {
    for (const stop of undo.reverse()) await stop().catch((error: unknown) => console.error(error));
    console.log('Stopped.');
  }
}

/** Resolves at the first SIGINT, SIGTERM or SIGHUP; a second one ends the process at once, its children with it. */
function untilSignal(onFirst: () => void): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        if (asked) process.exit(1);
        asked = true;
        onFirst();
        resolve();
      });
    }
  });
}
