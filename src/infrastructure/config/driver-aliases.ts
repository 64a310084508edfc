import { placeOf, type SourceMap } from './source-node.js';

/** The other name under which the reference registry has its S3 driver. */
const OTHER_NAME = 's3aws';
const NAME = 's3';

/** Gives what was written under a driver's other name its name. @returns what is wrong when both are there */
export function settleAliases(tree: SourceMap): string[] {
  const storage = tree.entries.get('storage');
  if (storage?.kind === 'scalar' && storage.text === OTHER_NAME) {
    tree.entries.set('storage', { ...storage, value: NAME, text: NAME });
  }
  if (storage?.kind !== 'map') return [];
  const other = storage.entries.get(OTHER_NAME);
  if (other === undefined) return [];
  storage.entries.delete(OTHER_NAME);
  const own = storage.entries.get(NAME);
  if (own === undefined) {
    storage.entries.set(NAME, other);
    return [];
  }
  return [
    `storage has one driver under both of its names: s3 (${placeOf(own.origin)}) and s3aws (${placeOf(other.origin)}). Keep one.`,
  ];
}

/** The name of a section as the tree has it, for one that a variable of the environment has. */
export function nameOfDriver(name: string): string {
  return name.toLowerCase() === OTHER_NAME ? NAME : name;
}
