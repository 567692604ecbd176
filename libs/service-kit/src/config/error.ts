import type { ConfigurationProblem } from '@schoolbell/contracts';

export type ConfigurationErrorCode = 'configuration-unreadable' | 'configuration-invalid' | 'environment-invalid';

/** The configuration cannot be used. The message lists every problem with its place, one per line. */
export class ConfigurationError extends Error {
  readonly code: ConfigurationErrorCode;
  readonly problems: readonly ConfigurationProblem[];

  /** `subject` says what is wrong with what: `the configuration /etc/schoolbell.json`. */
  constructor(code: ConfigurationErrorCode, subject: string, problems: readonly ConfigurationProblem[], options?: ErrorOptions) {
    const lines = problems.map(({ pointer, detail }) => `  ${pointer || 'the whole'}: ${detail}`);
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    super(`${subject} cannot be used, ${count}:\n${lines.join('\n')}`, options);
    this.code = code;
    this.problems = problems;
  }
}
