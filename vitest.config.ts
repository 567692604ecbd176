import { defineConfig } from 'vitest/config';

// One project for all: the global setup with its Postgres then runs once, whatever part of the tests is asked for.
export default defineConfig({
  test: {
    include: ['{apps,libs}/*/{src,test}/**/*.test.ts', 'tools/**/*.test.ts', 'e2e/**/*.test.ts'],
    globalSetup: ['libs/testing/src/vitest/global-setup.ts'],
    setupFiles: ['libs/testing/src/vitest/leak-check.ts'],
    pool: 'forks',
    // Many tests run real servers; more files at once only make each other late.
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    teardownTimeout: 30_000,
    coverage: { provider: 'v8', include: ['{apps,libs}/*/src/**/*.ts'], exclude: ['**/generated/**', '**/*.test.ts'] },
  },
});
