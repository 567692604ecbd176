import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';
import { boundaries } from './tools/lint/boundaries.mjs';
import { habits, habitsOfTime } from './tools/lint/habits.mjs';

const TESTS = ['**/*.test.ts', '**/test/**', 'e2e/**', 'libs/testing/**'];

export default tseslint.config(
  { ignores: ['**/node_modules/', '**/src/generated/', '.schoolbell/', '.nx/', '**/coverage/', 'docs/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts', '**/*.mjs'],
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': ['error', boundaries()],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      ...habits,
    },
  },
  { files: ['**/*.ts'], ignores: ['libs/time/**'], rules: habitsOfTime },
  {
    // The rehearsal of a negotiation is the service itself, with a clock that stands: no process of it would let that in.
    files: ['tools/start/negotiation/**'],
    rules: { '@nx/enforce-module-boundaries': ['error', boundaries({ allow: ['@schoolbell/scheduling/service'] })] },
  },
  {
    // The test kit stands on libraries whose own tests use it; only their tests may close that circle.
    files: TESTS,
    rules: { '@nx/enforce-module-boundaries': ['error', boundaries({ allow: ['@schoolbell/testing'] })] },
  },
);
