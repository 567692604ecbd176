import { defineConfig } from 'vitest/config';
import { SystemsFirst } from './libs/testing/src/vitest/systems-first.ts';

const WITH_SERVERS = ['{apps,libs,tools}/**/*.int.test.ts', 'e2e/**/*.test.ts'];

export default defineConfig({
  test: {
    setupFiles: ['libs/testing/src/vitest/leak-check.ts'],
    pool: 'forks',
    // More than cores: a test that runs servers waits for them half of its time.
    maxWorkers: 4,
    sequence: { sequencer: SystemsFirst },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    teardownTimeout: 30_000,
    coverage: { provider: 'v8', include: ['{apps,libs}/*/src/**/*.ts'], exclude: ['**/generated/**', '**/*.test.ts'] },
    projects: [
      {
        extends: true,
        // What needs no server shares its process: most of the time of such a file went into loading the same modules again.
        test: { name: 'pure', include: ['{apps,libs,tools}/**/*.test.ts'], exclude: ['**/node_modules/**', ...WITH_SERVERS], isolate: false },
      },
      {
        extends: true,
        // One Postgres for all of them, whatever part is asked for.
        test: { name: 'servers', include: WITH_SERVERS, globalSetup: ['libs/testing/src/vitest/global-setup.ts'], isolate: false },
      },
    ],
  },
});
