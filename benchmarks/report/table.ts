import { isReached, median, ratioOf, type Goal, type Row, type Series } from '../measures/row.js';
import { aligned, rounded } from './aligned.js';
import { sizesTable } from './sizes-table.js';

function withSpread({ samples }: Series): string {
  const middle = rounded(median(samples));
  if (samples.length < 2) return middle;
  return `${middle} (${rounded(Math.min(...samples))} to ${rounded(Math.max(...samples))})`;
}

function goalText(goal: Goal | undefined): string {
  return goal === undefined ? '' : `${goal.kind} ${goal.value}`;
}

function reachedText(row: Row): string {
  const reached = isReached(row);
  if (reached === undefined) return '';
  return reached ? 'yes' : '**no**';
}

function cells(row: Row): string[] {
  const ratio = ratioOf(row);
  return [
    row.title,
    row.unit,
    row.baseline === undefined ? '' : withSpread(row.baseline),
    withSpread(row.subject),
    ratio === undefined ? '' : ratio.toFixed(2),
    goalText(row.goal),
    reachedText(row),
  ];
}

function table(rows: readonly Row[]): string {
  const [first] = rows;
  if (first === undefined) return '';
  return aligned([
    ['', 'unit', first.baseline?.name ?? '', first.subject.name, 'ratio', 'goal', 'reached'],
    ...rows.map(cells),
  ]);
}

/** Rows that were measured against the same thing stand in one table, those of several sizes in one line. */
export function tables(rows: readonly Row[]): string {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = row.size === undefined ? `${row.subject.name} / ${row.baseline?.name}` : 'sizes';
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups].map(([key, group]) => (key === 'sizes' ? sizesTable(group) : table(group))).join('\n\n');
}
