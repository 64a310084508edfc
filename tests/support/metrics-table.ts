import type { ExposedMetric } from './parse-exposition.js';

/** The metrics of the registry as a table of Markdown, formatted as prettier does. */
export function metricsTable(metrics: readonly ExposedMetric[]): string {
  const rows = metrics
    .map(({ name, type, help, samples }) => [`\`${name}\``, type, labelsOf(samples), help])
    .toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1));
  const table = [['metric', 'type', 'labels', 'what it says'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = table;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
}

function labelsOf(samples: ExposedMetric['samples']): string {
  const names = new Set(samples.flatMap(({ labels }) => Object.keys(labels)));
  names.delete('le');
  return [...names].toSorted().join(', ');
}
