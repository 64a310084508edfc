/** The time of a header; undefined when there is none. */
export function timeOf(header: string | undefined): number | undefined {
  const time = header === undefined ? Number.NaN : Date.parse(header);
  return Number.isNaN(time) ? undefined : time;
}

export function lengthOf(content: readonly Uint8Array[] = []): number {
  return content.reduce((sum, chunk) => sum + chunk.length, 0);
}
