export { checkSummaries, type Verdict } from './check.ts';
export { differences } from './compare.ts';
export { expectedSummaries, type ExpectedSummary } from './oracle.ts';
