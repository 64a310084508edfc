import type { Reporter, SerializedError, TestModule } from 'vitest/node';

/**
 * Closes a run with `N passed, N failed` or `N passed, N failed, N skipped`. What fails outside a test (a file that can not be
 * loaded, an error nobody caught) counts as one failure.
 */
export class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const counts = { passed: 0, failed: unhandled.length, skipped: 0 };
    for (const module of modules) {
      counts.failed += module.errors().length;
      for (const suite of module.children.allSuites()) counts.failed += suite.errors().length;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state !== 'pending') counts[state] += 1;
        // A test that a broken run never reached has not passed.
        else counts.failed += 1;
      }
    }
    const { passed, failed, skipped } = counts;
    const line = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
    process.stdout.write(`${line}\n`);
  }
}
