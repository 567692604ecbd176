import { FOLDER } from '../folder.ts';

/** Prints a development token with the secret that the start has made, and asks with it. The secret stays in its file. */
export const tokenCommand = (schedulingUrl: string): string => [
  `export SCHEDULING_JWT_SECRET=$(node -p "require('${FOLDER.secrets}').SCHEDULING_JWT_SECRET")`,
  'token=$(node apps/scheduling/scripts/token.ts root admin)',
  `curl -H "authorization: Bearer $token" ${schedulingUrl}/v1/participants`,
].join('\n');
