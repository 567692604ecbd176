export type StartErrorCode = 'usage' | 'already-running' | 'not-ours-to-delete' | 'ended-early';

/** A start that cannot go on; the message is one sentence that names the way out. */
export class StartError extends Error {
  readonly code: StartErrorCode;
  constructor(code: StartErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
