import type { Terminal } from './terminal.js';

const BOLD = ['\u001b[1m', '\u001b[22m'] as const;
const DIM = ['\u001b[2m', '\u001b[22m'] as const;

/** Prints rows in columns as wide as their longest cell. The last column, which comments on the others, is dim. */
export function printTable(
  terminal: Terminal,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const paint = (text: string, [on, off]: readonly [string, string]) =>
    terminal.colour ? on + text + off : text;
  const padded = (row: readonly string[]) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0));

  terminal.stdout.write(`${paint(padded(head).join('  ').trimEnd(), BOLD)}\n`);
  for (const row of rows) {
    const cells = padded(row);
    const last = paint(cells.at(-1)?.trimEnd() ?? '', DIM);
    terminal.stdout.write(`${[...cells.slice(0, -1), last].join('  ').trimEnd()}\n`);
  }
}
