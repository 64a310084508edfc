import type { ServiceIdentifier } from 'inversify';

/** A key for a `T`. The type makes the compiler check every binding that names it. */
export function token<T>(description: string): ServiceIdentifier<T> {
  return Symbol(description);
}
