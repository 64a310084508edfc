/** Three digits, as far as they are there. */
export function rounded(value: number): string {
  if (!Number.isFinite(value)) return '-';
  return value >= 100 ? String(Math.round(value)) : value.toPrecision(value >= 10 ? 3 : 2);
}

/** A Markdown table, its columns aligned so that a terminal can show it too. */
export function aligned([header = [], ...lines]: readonly (readonly string[])[]): string {
  const widths = header.map((title, at) =>
    Math.max(3, title.length, ...lines.map((line) => (line[at] ?? '').length)),
  );
  const render = (line: readonly string[]): string =>
    `| ${widths.map((width, at) => (line[at] ?? '').padEnd(width)).join(' | ')} |`;
  return [render(header), render(widths.map((width) => '-'.repeat(width))), ...lines.map(render)].join('\n');
}
