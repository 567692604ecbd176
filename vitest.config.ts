import { defineConfig } from 'vitest/config';

const WITH_SERVERS = ['{apps,libs,tools}/**/*.int.test.ts', 'e2e/start/*.test.ts'];
const WHOLE_SYSTEMS = ['e2e/{chaos,replicas}/*.test.ts'];
// A Postgres for each project that needs one, whatever part of it is asked for.
const globalSetup = ['libs/testing/src/vitest/global-setup.ts'];

export default defineConfig({
  test: {
    setupFiles: ['libs/testing/src/vitest/leak-check.ts'],
    pool: 'forks',
    // Files share processes: most of the time of a short one went into loading the same modules again.
    isolate: false,
    // More than cores: a test that runs servers waits for them half of its time.
    maxWorkers: 3,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    teardownTimeout: 30_000,
    coverage: { provider: 'v8', include: ['{apps,libs}/*/src/**/*.ts'], exclude: ['**/generated/**', '**/*.test.ts'] },
    projects: [
      { extends: true, test: { name: 'pure', include: ['{apps,libs,tools}/**/*.test.ts'], exclude: ['**/node_modules/**', ...WITH_SERVERS] } },
      { extends: true, test: { name: 'servers', include: WITH_SERVERS, globalSetup } },
      // They count what a fault costs, so nothing else may run beside them.
      { extends: true, test: { name: 'systems', include: WHOLE_SYSTEMS, globalSetup, maxWorkers: 1, sequence: { groupOrder: 1 } } },
    ],
  },
});
