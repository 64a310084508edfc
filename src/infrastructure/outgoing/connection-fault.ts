/** The error of a connection that was tried on several addresses has no message of its own. */
export function connectionFault(error: Error): Error {
  if (!(error instanceof AggregateError)) return error;
  const messages = error.errors.map((each: unknown) => (each instanceof Error ? each.message : String(each)));
  return new Error(messages.join('; '), { cause: error });
}
