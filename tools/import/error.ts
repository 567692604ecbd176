/** Why an import cannot go on, in a sentence that names the way out. */
export class ImportError extends Error {
  override readonly name = 'ImportError';
  readonly code: 'usage' | 'file' | 'refused' | 'unreachable';

  constructor(code: ImportError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
