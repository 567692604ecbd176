/** Writes docs/scheduling-states.md: `node apps/scheduling/scripts/states.ts`. */
import { writeFileSync } from 'node:fs';
import { statesDocument } from '../src/moves/diagram.ts';

writeFileSync(new URL('../../../docs/scheduling-states.md', import.meta.url), statesDocument());
