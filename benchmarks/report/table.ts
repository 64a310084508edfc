import { isReached, median, ratioOf, type Goal, type Row, type Series } from '../measures/row.js';

function rounded(value: number): string {
  if (!Number.isFinite(value)) return '-';
  return value >= 100 ? String(Math.round(value)) : value.toPrecision(value >= 10 ? 3 : 2);
}

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

/** A Markdown table, its columns aligned so that a terminal can show it too. */
export function table(rows: readonly Row[]): string {
  const [first] = rows;
  if (first === undefined) return '';
  const header = ['', 'unit', first.baseline?.name ?? '', first.subject.name, 'ratio', 'goal', 'reached'];
  const lines = [header, ...rows.map(cells)];
  const widths = header.map((_, at) => Math.max(3, ...lines.map((line) => (line[at] ?? '').length)));
  const render = (line: readonly string[]): string =>
    `| ${widths.map((width, at) => (line[at] ?? '').padEnd(width)).join(' | ')} |`;
  return [
    render(header),
    render(widths.map((width) => '-'.repeat(width))),
    ...lines.slice(1).map(render),
  ].join('\n');
}

/** Rows that were measured against the same thing stand in one table. */
export function tables(rows: readonly Row[]): string {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = `${row.subject.name} / ${row.baseline?.name}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()].map(table).join('\n\n');
}
