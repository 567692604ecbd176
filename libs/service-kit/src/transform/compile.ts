import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { evaluationError, timeoutError, TransformError } from './error.ts';
import { inspectExpression } from './inspect.ts';
import { createSandbox, type Compiled, type Sandbox } from './sandbox.ts';

const { version: ENGINE_VERSION } = createRequire(import.meta.url)('jsonata/package.json') as { version: string };
const VERSION_LENGTH = 16;
/** Characters of the output as JSON. */
export const OUTPUT_LIMIT = 1_048_576;

/** A compiled JSONata expression: a pure function of JSON, bounded in time and in the size of what it makes. */
export interface Transform {
  /** Changes whenever the expression or the engine changes. */
  readonly version: string;
  /** JSON value to JSON value; undefined when the expression selects nothing. Rejects with TransformError. */
  apply(input: unknown): Promise<unknown>;
  /** JSON text to JSON text, without the detour over objects. Throws TransformError. */
  applyText(json: string): string | undefined;
}

// A realm costs some megabytes, so all expressions share one. It holds nothing between evaluations.
let shared: Sandbox | undefined;

/**
 * Compile a JSONata expression.
 * @throws {TransformError} when it does not parse, uses `$now`, `$millis`, `$random` or `$shuffle`, or one that is not there:
 *   `$base64encode` and `$base64decode`.
 */
export function compileTransform(expression: string): Transform {
  const version = createHash('sha256').update(`jsonata ${ENGINE_VERSION}\n${expression}`).digest('hex').slice(0, VERSION_LENGTH);
  let sandbox: Sandbox | undefined;
  let compiled: Compiled;
  function prepare(): void {
    if (sandbox !== undefined && sandbox === shared) return;
    sandbox = shared ??= createSandbox();
    compiled = compileIn(sandbox, expression);
  }
  prepare();
  const { needsWatchdog } = inspectExpression(compiled!.tree);

  function applyText(json: string): string | undefined {
    prepare();
    const outcome = compiled.evaluate(json, needsWatchdog);
    if (outcome === 'timeout') {
      // What was cut off may still stand in the realm's queue of promises.
      shared = undefined;
      throw timeoutError();
    }
    if ('failure' in outcome) throw evaluationError(outcome.failure);
    if (outcome.output !== undefined && outcome.output.length > OUTPUT_LIMIT) {
      throw new TransformError('transform-output-too-large', `the output is longer than ${OUTPUT_LIMIT} characters`);
    }
    return outcome.output;
  }
  return {
    version,
    applyText,
    async apply(input) {
      const text = applyText(JSON.stringify(input));
      return text === undefined ? undefined : (JSON.parse(text) as unknown);
    },
  };
}

function compileIn(sandbox: Sandbox, expression: string): Compiled {
  const compiled = sandbox.compile(expression);
  if (!('failure' in compiled)) return compiled;
  const { message = 'it does not parse', position } = compiled.failure;
  throw new TransformError('transform-syntax', `the expression is not valid JSONata: ${message}`, position);
}
