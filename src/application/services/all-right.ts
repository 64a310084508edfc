import { ConfigurationError } from '../ports/system/configuration-reader.js';
import { NamedFileRefused } from '../ports/system/named-file-refused.js';

/**
 * Waits for all of them, so that everything that is wrong is known and not only the first.
 * @param works may refuse a file each by a NamedFileRefused, several by an AggregateError of them
 * @param place where a key was set, as a sentence names it
 * @throws ConfigurationError with a sentence for each fault; the first error of any other kind
 */
export async function allRight<T>(
  works: readonly Promise<T>[],
  place: (key: string) => string,
): Promise<readonly T[]> {
  const outcomes = await Promise.allSettled(works);
  const problems = new Set<string>();
  for (const outcome of outcomes) {
    if (outcome.status === 'fulfilled') continue;
    for (const problem of problemsOf(outcome.reason, place)) problems.add(problem);
  }
  if (problems.size > 0) throw new ConfigurationError([...problems]);
  return outcomes.map((outcome) => (outcome as PromiseFulfilledResult<T>).value);
}

function problemsOf(error: unknown, place: (key: string) => string): readonly string[] {
  if (error instanceof ConfigurationError) return error.problems;
  if (error instanceof AggregateError) return error.errors.flatMap((each) => problemsOf(each, place));
  if (error instanceof NamedFileRefused) return [`${error.key} (${place(error.key)}): ${error.sentence}`];
  throw error;
}
