// JSONata runs in a realm of its own whose promises settle inside the call that evaluates (microtaskMode). So an
// evaluation is one synchronous call that a watchdog can end, and clock and chance can be taken out of the realm.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants, createContext, runInContext, Script, type Context } from 'node:vm';
import type { EngineFailure } from './error.ts';

const require = createRequire(import.meta.url);

/** Nested evaluations. */
const MAX_DEPTH = 500;
/** Entries of one list. */
const MAX_SEQUENCE = 100_000;
const MAX_PAD = 10_000;
/** One evaluation; nothing else runs in the process meanwhile. */
export const EVALUATION_TIMEOUT_MS = 250;

export interface Compiled {
  readonly tree: unknown;
  evaluate(json: string, watchdog: boolean): Outcome;
}
export type Outcome = { readonly output: string | undefined } | { readonly failure: EngineFailure } | 'timeout';
export type Sandbox = { compile(expression: string): Compiled | { readonly failure: EngineFailure } };

/** The part of the realm that is ours. */
interface Realm {
  expression: string;
  compiled: { ast(): unknown } | undefined;
  input: string;
  output: string | undefined;
  failure: EngineFailure | undefined;
}

const PRELUDE = `
  globalThis.module = { exports: {} };
  globalThis.exports = module.exports;
  Math.random = () => { throw { message: 'chance is not allowed' }; };
  // Date.now stays, for the engine's own time limit; expressions cannot reach it.
  globalThis.Date = class extends Date {
    constructor(...parts) { if (parts.length === 0) super(0); else super(...parts); }
  };`;
const COMPILE = new Script(`
  failure = undefined;
  try {
    compiled = module.exports(expression, { timeout: ${EVALUATION_TIMEOUT_MS}, stack: ${MAX_DEPTH}, sequence: ${MAX_SEQUENCE} });
    for (const name of ['now', 'millis', 'random', 'shuffle'])
      compiled.registerFunction(name, () => { throw { code: 'nondeterministic', message: '$' + name + '() is not allowed' }; });
    compiled.registerFunction('pad', (text, width, char) => {
      if (text === undefined) return undefined;
      if (Math.abs(width) > ${MAX_PAD}) throw { code: 'too-wide', message: '$pad() to more than ${MAX_PAD} characters' };
      return width < 0 ? text.padStart(-width, char || ' ') : text.padEnd(width, char || ' ');
    }, '<s-ns?:s>');
  } catch (error) { failure = error; }`);
const EVALUATE = new Script(`
  output = failure = undefined;
  compiled.evaluate(JSON.parse(input)).then((result) => { output = JSON.stringify(result); }).catch((error) => { failure = error; });`);

export function createSandbox(): Sandbox {
  const context: Context = createContext(constants.DONT_CONTEXTIFY, {
    microtaskMode: 'afterEvaluate',
    codeGeneration: { strings: false, wasm: false },
  });
  runInContext(PRELUDE + 'var expression, compiled, input, output, failure;', context);
  runInContext(readFileSync(require.resolve('jsonata'), 'utf8'), context, { filename: 'jsonata.js' });
  const realm = context as unknown as Realm;
  return {
    compile(expression) {
      realm.expression = expression;
      COMPILE.runInContext(context);
      const { failure, compiled } = realm;
      if (failure !== undefined || compiled === undefined) return { failure: failure ?? {} };
      return {
        tree: compiled.ast(),
        evaluate(json, watchdog) {
          realm.compiled = compiled;
          realm.input = json;
          try {
            EVALUATE.runInContext(context, watchdog ? { timeout: EVALUATION_TIMEOUT_MS } : {});
          } catch (error) {
            if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return 'timeout';
            throw error;
          }
          return realm.failure === undefined ? { output: realm.output } : { failure: realm.failure };
        },
      };
    },
  };
}
