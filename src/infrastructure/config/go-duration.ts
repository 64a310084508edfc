const UNITS: readonly (readonly [unit: string, milliseconds: number])[] = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
  ['us', 1e-3],
  ['ns', 1e-6],
];
const MILLISECONDS = new Map([...UNITS, ['µs', 1e-3], ['μs', 1e-3]] as const);

/**
 * Milliseconds of a duration in Go's syntax (`1h30m`, `250ms`, `-1.5s`) or, as the reference registry has it, of a bare
 * whole number of nanoseconds. Undefined when it is neither.
 */
export function parseGoDuration(text: string): number | undefined {
  if (/^[+-]?\d+$/.test(text)) return Number(text) / 1e6;
  const [, sign, parts] =
    /^([+-]?)((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|\u00b5s|\u03bcs|ms|s|m|h))+)$/.exec(text) ?? [];
  if (parts === undefined) return undefined;
  let total = 0;
  for (const [, amount, unit] of parts.matchAll(/([\d.]+)([a-z\u00b5\u03bc]+)/g)) {
    total += Number(amount) * (MILLISECONDS.get(unit ?? '') ?? Number.NaN);
  }
  return sign === '-' ? -total : total;
}

/** The shortest way to write it that {@link parseGoDuration} reads back: 90000 is `1m30s`. */
export function formatGoDuration(milliseconds: number): string {
  let rest = Math.round(milliseconds * 1e6);
  let text = '';
  for (const [unit, size] of UNITS) {
    const nanoseconds = Math.round(size * 1e6);
    const amount = Math.floor(rest / nanoseconds);
    if (amount > 0) text += `${amount}${unit}`;
    rest -= amount * nanoseconds;
  }
  return text === '' ? '0s' : text;
}
