/** @throws Error with all complaints, and with what led to them */
export function expectNone(complaints: readonly string[], trace: readonly string[] = []): void {
  if (complaints.length === 0) return;
  const steps = trace.length === 0 ? [] : ['the last steps:', ...trace];
  throw new Error([...complaints, ...steps].join('\n'));
}
