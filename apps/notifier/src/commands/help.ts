import { join, type StyledText } from '../telegram/text.ts';
import { COMMANDS, type Command } from './table.ts';

export function showHelp(): StyledText {
  return join([
    { style: 'bold', text: 'What I understand' },
    ...COMMANDS.flatMap(({ usage, summary }) => ['\n\n', { style: 'code', text: usage } as const, `\n${summary}`]),
    '\n\nNumbers of problems are in /status. Whatever is dangerous asks first.',
  ]);
}

export function showUsage({ usage }: Command): StyledText {
  return join(['I do not understand that. Usage:\n', { style: 'code', text: usage }]);
}
