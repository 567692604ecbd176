import { writeFileSync, appendFileSync, rmSync } from 'node:fs';
import { inBatches, jsonList, type BatchBounds } from './batches.ts';
import { post } from './client.ts';
import { ImportError } from './error.ts';
import { readLines, type Line } from './lines.ts';
import { sizeOf } from './run-import.ts';

/** Of one request: the endpoint's own bound, and three quarters of what a service takes where it says nothing else. */
export const COMPARE_BATCH: BatchBounds = { lines: 500, bytes: 196_608 };
const PRINTED_MAX = 20;

export interface Comparison {
  equal: number;
  different: number;
  missing: number;
  /** Left out behind a learner on whom the transform did not come to an end: nobody knows about these. */
  notCompared: number;
}

const count = (number: number): string => number.toLocaleString('en');

export const describeComparison = ({ equal, different, missing, notCompared }: Comparison): string =>
  `${count(equal)} learners are equal, ${count(different)} differ, ${count(missing)} are missing, ${count(notCompared)} were not compared.`;

/** Whether every learner was compared and found equal. */
export const isAllEqual = ({ different, missing, notCompared }: Comparison): boolean => different + missing + notCompared === 0;

interface Answer extends Comparison {
  readonly items: readonly {
    readonly learnerId: string;
    readonly verdict: string;
    readonly differences: readonly { readonly pointer: string; readonly expected: unknown; readonly actual?: unknown }[];
  }[];
}

/** Ask delivery, learner by learner, whether what a destination would get is what the old system has. */
export async function runCompare(
  options: { file: string; url: string; token: string; destinationId: string },
  write: (text: string) => void,
): Promise<Comparison> {
  const { file, destinationId } = options;
  sizeOf(file);
  const differencesFile = `${file}.differences.ndjson`;
  writeFileSync(differencesFile, '');
  const sum: Comparison = { equal: 0, different: 0, missing: 0, notCompared: 0 };
  let printed = 0;

  const ask = async (learners: readonly string[]): Promise<void> => {
    const answer = await post<Answer>(options, `/v1/destinations/${encodeURIComponent(destinationId)}/compare`, `{"learners":${jsonList(learners)}}`);
    sum.equal += answer.equal;
    sum.different += answer.different;
    sum.missing += answer.missing;
    sum.notCompared += answer.notCompared;
    for (const item of answer.items) {
      appendFileSync(differencesFile, `${JSON.stringify(item)}\n`);
      printed += 1;
      if (printed > PRINTED_MAX) continue;
      const places = item.differences.map(({ pointer, expected, actual }) => `${pointer} ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`);
      write(`${item.learnerId}: ${[item.verdict, ...places].join('; ')}\n`);
    }
  };

  for await (const batch of inBatches(readLines(file, { offset: 0, number: 0 }), COMPARE_BATCH)) await ask(batch.map(checked));
  if (isAllEqual(sum)) rmSync(differencesFile);
  return sum;
}

function checked({ text = '', number }: Line): string {
  try {
    JSON.parse(text);
    return text;
  } catch (cause) {
    throw new ImportError('file', `Line ${number} is not a JSON object of at most 64 KiB: correct it and compare again.`, { cause });
  }
}
