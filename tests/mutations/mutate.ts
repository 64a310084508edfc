import type { Mutation } from './collection-mutations.js';

/** @throws Error when a text does not occur once: the program has changed under the mutation */
export function mutate(source: string, { name, changes }: Mutation): string {
  return changes.reduce((text, [from, to]) => {
    if (text.split(from).length !== 2) throw new Error(`${name}: this does not occur once: ${from}`);
    return text.replace(from, () => to);
  }, source);
}
