const UNITS = ['KiB', 'MiB', 'GiB', 'TiB'];

/** `12.3 MiB` */
export function showSize(bytes: number): string {
  let [size, unit] = [bytes, 'bytes'];
  for (const next of UNITS) {
    if (size < 1_024) break;
    [size, unit] = [size / 1_024, next];
  }
  return `${unit === 'bytes' ? size : size.toFixed(1)} ${unit}`;
}
