import type { Terminal } from './terminal.js';

/** Prints what is wrong: one sentence on one line, several as a list under `headline`. */
export function printProblems(terminal: Terminal, headline: string, problems: readonly string[]): void {
  const [only] = problems;
  if (problems.length === 1 && only !== undefined) {
    terminal.stderr.write(`stowage: ${only}\n`);
    return;
  }
  terminal.stderr.write(`stowage: ${headline}\n`);
  for (const problem of problems) terminal.stderr.write(`  - ${problem}\n`);
}
