import type { CommandMap } from './child.ts';

interface Request {
  readonly id: number;
  readonly name: string;
  readonly args: never[];
}

/** The child's side of `startChild`: answer each command with what its function returns; end when the parent goes. */
export function serveCommands<Commands extends CommandMap>(commands: Commands): void {
  process.on('message', (request: Request) => {
    void answer(commands, request).then((reply) => process.send?.(reply));
  });
  process.on('disconnect', () => process.exit(0));
  // Ctrl-C goes to the whole group; the parent ends its children itself, in its own order.
  process.on('SIGINT', () => undefined);
}

async function answer(commands: CommandMap, { id, name, args }: Request): Promise<object> {
  try {
    return { id, result: await commands[name]!(...args) };
  } catch (error) {
    return { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
