export type TransformErrorCode =
  | 'transform-syntax'
  | 'transform-nondeterministic'
  | 'transform-unsupported'
  | 'transform-failed'
  | 'transform-timeout'
  | 'transform-output-too-large';

/** An expression cannot be compiled or evaluated. The message quotes the expression, never the data. */
export class TransformError extends Error {
  readonly code: TransformErrorCode;
  /** Offset into the expression, where the engine knows it. */
  readonly position: number | undefined;

  constructor(code: TransformErrorCode, message: string, position?: number) {
    super(position === undefined ? message : `${message} (at character ${position} of the expression)`);
    this.code = code;
    this.position = position;
  }
}

/** What the engine throws: a plain object. */
export interface EngineFailure {
  readonly code?: string;
  readonly message?: string;
  readonly position?: number;
  readonly value?: unknown;
}

const MAX_MESSAGE_LENGTH = 300;
const TIMEOUT_CODE = 'D1012';

export function evaluationError({ code, message = 'failed', position, value }: EngineFailure): TransformError {
  if (code === TIMEOUT_CODE) return timeoutError();
  // The engine writes the offending value into its message; a value may be about a person.
  const quoted = value === undefined ? undefined : JSON.stringify(value);
  const clean = quoted ? message.replaceAll(quoted, '…') : message;
  return new TransformError('transform-failed', clean.slice(0, MAX_MESSAGE_LENGTH), position);
}

export function timeoutError(): TransformError {
  return new TransformError('transform-timeout', 'the expression does not come to an end in time; look for recursion');
}
