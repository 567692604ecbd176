// One behaviour for every provider that this machine has: tests then may run on any of them.
import { afterAll } from 'vitest';
import { chooseContainers, chooseProcesses, createProvider, removeRun } from '../src/provider/choose.ts';
import type { ProviderChoice } from '../src/provider/provider.ts';
import { describeProvider } from './describe-provider.ts';

const choices: ProviderChoice[] = [await chooseProcesses(() => undefined)];
const containers = await chooseContainers();
if (containers) choices.push(containers);

for (const choice of choices) {
  describeProvider(choice.kind, async () => createProvider(choice));
}
afterAll(async () => {
  for (const choice of choices) await removeRun(choice);
});
