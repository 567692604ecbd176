import { writeFileSync, appendFileSync, rmSync } from 'node:fs';
import { post } from './client.ts';
import { ImportError } from './error.ts';
import { readLines } from './lines.ts';
import { sizeOf } from './run-import.ts';

const BATCH_LINES = 500;
const PRINTED_MAX = 20;

export interface Comparison {
  equal: number;
  different: number;
  missing: number;
}

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
  const sum: Comparison = { equal: 0, different: 0, missing: 0 };
  let printed = 0;

  const ask = async (learners: readonly unknown[]): Promise<void> => {
    const answer = await post<Answer>(options, `/v1/destinations/${encodeURIComponent(destinationId)}/compare`, { learners });
    sum.equal += answer.equal;
    sum.different += answer.different;
    sum.missing += answer.missing;
    for (const item of answer.items) {
      appendFileSync(differencesFile, `${JSON.stringify(item)}\n`);
      printed += 1;
      if (printed > PRINTED_MAX) continue;
      const places = item.differences.map(({ pointer, expected, actual }) => `${pointer} ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`);
      write(`${item.learnerId}: ${[item.verdict, ...places].join('; ')}\n`);
    }
  };

  let learners: unknown[] = [];
  for await (const { number, text } of readLines(file, { offset: 0, number: 0 })) {
    if (text?.trim() === '') continue;
    learners.push(parse(text, number));
    if (learners.length < BATCH_LINES) continue;
    await ask(learners);
    learners = [];
  }
  if (learners.length > 0) await ask(learners);
  if (sum.different + sum.missing === 0) rmSync(differencesFile);
  return sum;
}

function parse(text: string | undefined, number: number): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch (cause) {
    throw new ImportError('file', `Line ${number} is not a JSON object of at most 64 KiB: correct it and compare again.`, { cause });
  }
}
