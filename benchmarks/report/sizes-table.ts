import { isReached, median, ratioOf, type Row } from '../measures/row.js';
import { aligned, rounded } from './aligned.js';

/** Ratios above it are set in bold. */
const MARKED = 1.5;

function cell(row: Row | undefined): string {
  if (row === undefined) return '';
  const ratio = ratioOf(row) ?? Number.NaN;
  const text = `${rounded(median(row.subject.samples))} (${ratio.toFixed(2)})`;
  return ratio > MARKED ? `**${text}**` : text;
}

function flatText(rows: readonly Row[]): string {
  const reached = rows.map(isReached).filter((each) => each !== undefined);
  if (reached.length === 0) return '';
  return reached.every(Boolean) ? 'yes' : '**no**';
}

function line(rows: readonly Row[], sizes: readonly number[]): string[] {
  const [first] = rows;
  return [
    first?.title ?? '',
    first?.unit ?? '',
    rounded(median(first?.baseline?.samples ?? [])),
    ...sizes.map((size) => cell(rows.find((row) => row.size === size))),
    flatText(rows),
  ];
}

/** What each size costs, with its ratio to the smallest one. */
export function sizesTable(rows: readonly Row[]): string {
  const sizes = [...new Set(rows.map(({ size = 0 }) => size))].toSorted((a, b) => a - b);
  const titles = [...new Set(rows.map(({ title }) => title))];
  const header = ['', 'unit', rows[0]?.baseline?.name ?? '', ...sizes.map(String), 'flat'];
  return aligned([
    header,
    ...titles.map((title) =>
      line(
        rows.filter((row) => row.title === title),
        sizes,
      ),
    ),
  ]);
}
