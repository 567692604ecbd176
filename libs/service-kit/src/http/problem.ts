import type { ProblemDetails } from '@schoolbell/contracts';

/** Media type of every error. Source: RFC 9457. */
export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** One wrong place in a request: a JSON pointer (RFC 6901) and what is wrong there. */
export interface ProblemError {
  readonly pointer: string;
  readonly detail: string;
}

export interface ProblemOptions {
  readonly status: number;
  /** For machines: kebab-case, never changed once published. */
  readonly code: string;
  /** For people: the same for every occurrence of the code. */
  readonly title: string;
  /** This occurrence, and the way out. */
  readonly detail?: string;
  readonly errors?: readonly ProblemError[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Further members of the body. */
  readonly extensions?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** An answer that is an error. Throw it in a handler; the server writes it as RFC 9457 problem details. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ProblemDetails;

  constructor({ status, code, title, detail, errors, headers = {}, extensions, cause }: ProblemOptions) {
    super(detail ?? title, { cause });
    this.status = status;
    this.code = code;
    this.headers = headers;
    this.body = {
      type: `urn:schoolbell:problem:${code}`,
      title,
      status,
      code,
      ...(detail === undefined ? {} : { detail }),
      ...(errors === undefined ? {} : { errors: [...errors] }),
      ...extensions,
    };
  }
}
