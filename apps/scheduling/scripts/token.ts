/**
 * Prints a bearer token for development: `node apps/scheduling/scripts/token.ts <id> <role> [hours]`, signed with the
 * secret in SCHEDULING_JWT_SECRET.
 */
import { signPersonToken } from '@schoolbell/service-kit';
import { systemClock } from '@schoolbell/time';
import { ROLES } from '../src/packages/kinds.ts';

const HOURS_DEFAULT = 12;
const [id, given, hours = String(HOURS_DEFAULT)] = process.argv.slice(2);
const secret = process.env['SCHEDULING_JWT_SECRET'];
const role = ROLES.find((known) => known === given);
if (id === undefined || role === undefined || secret === undefined || !(Number(hours) > 0)) {
  console.error(`Usage: SCHEDULING_JWT_SECRET=… node apps/scheduling/scripts/token.ts <id> <${ROLES.join('|')}> [hours]`);
  process.exit(64);
}
console.log(await signPersonToken({ id, role }, secret, systemClock.now(), Number(hours) * 3600));
