import { pathToFileURL } from 'node:url';
import { defineConfig } from 'vitest/config';
import { ClosingLineReporter } from './tests/support/closing-line-reporter.js';

// Worker threads of src/ are TypeScript here too.
const execArgv = ['--import', pathToFileURL('tests/support/typescript-workers.mjs').href];
/** Files in tests/e2e whose registry may store anywhere. */
const CLIENTS = [
  'conformance',
  'containerd',
  'crane',
  'curl',
  'docker',
  'helm',
  'oras',
  'podman-buildah',
  'regctl',
  'skopeo',
];
/** What measures memory: with nothing beside it. */
const ALONE = ['tests/e2e/slow-clients.test.ts'];
const common = { pool: 'forks', isolate: false, execArgv, maxWorkers: 2 } as const;
const endToEnd = {
  ...common,
  testTimeout: 180_000,
  // The first file that needs the test images makes them.
  hookTimeout: 600_000,
} as const;

export default defineConfig({
  test: {
    reporters: ['default', new ClosingLineReporter()],
    globalSetup: 'tests/support/run-folder.ts',
    projects: [
      {
        test: {
          ...common,
          name: 'house',
          include: ['tests/{unit,contract,integration,http,architecture,regression}/**/*.test.ts'],
          testTimeout: 30_000,
          hookTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // The built program and real clients.
        test: {
          ...endToEnd,
          name: 'e2e',
          include: ['tests/e2e/**/*.test.ts'],
          exclude: ALONE,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // The same clients, with the registry on a bucket.
        test: {
          ...endToEnd,
          name: 'e2e-s3',
          include: CLIENTS.map((client) => `tests/e2e/${client}.test.ts`),
          env: { STOWAGE_TEST_STORAGE: 's3' },
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...endToEnd,
          name: 'e2e-alone',
          include: ALONE,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
