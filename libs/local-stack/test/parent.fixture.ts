// Starts a child, says its pid, and waits to be killed.
import { join } from 'node:path';
import { createManagedProcess } from '../src/index.ts';

const child = createManagedProcess({ name: 'child', command: '/bin/sleep', args: ['600'], logFile: join(process.argv[2]!, 'child.log'), ready: async () => true });
await child.start();
console.log(child.pid);
setInterval(() => undefined, 1000);
