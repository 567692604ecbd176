import { join } from 'node:path';

/** The checkout. */
export const repositoryRoot: string = join(import.meta.dirname, '..', '..', '..');

/** The one ignored folder that holds everything a start makes. SCHOOLBELL_DATA moves it, for tests of the start itself. */
export const dataDirectory: string = process.env['SCHOOLBELL_DATA'] ?? join(repositoryRoot, '.schoolbell');
