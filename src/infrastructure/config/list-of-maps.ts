import { isNothing, type SourceMap, type SourceNode, strayEntry } from './source-node.js';
import { type ItemKey, type ValueFormat, ValueRefused } from './value-format.js';

/** The keys of an item of type `T`. */
type ItemKeys<T> = { readonly [Name in keyof T & string]: ItemKey<T[Name]> };

/**
 * A list of maps that all have the same keys.
 * @param expected ends "must be …"
 */
export function listOfMaps<T extends object>(
  expected: string,
  keys: ItemKeys<T> & Readonly<Record<string, ItemKey>>,
): ValueFormat<readonly T[]> {
  const entries = Object.entries<ItemKey>(keys);
  return {
    expected,
    items: keys,
    read(node) {
      if (node.kind !== 'list') throw new ValueRefused(`must be ${expected}`);
      return node.items.map((item, index) => readItem(entries, item, `[${index}]`) as T);
    },
    holds: (value) =>
      Array.isArray(value) &&
      value.every((item: unknown) => entries.every(([name, { reads }]) => reads.holds(valueIn(item, name)))),
    show: (items) =>
      items.map((item) =>
        Object.fromEntries(entries.map(([name, { reads }]) => [name, reads.show(valueIn(item, name))])),
      ),
  };
}

type Entries = readonly (readonly [name: string, key: ItemKey])[];

function readItem(keys: Entries, item: SourceNode, at: string): object {
  const names = keys.map(([name]) => name);
  if (item.kind !== 'map') {
    throw new ValueRefused(`must be a map with the keys ${names.join(', ')}`, item.origin, at);
  }
  for (const [name, value] of item.entries) {
    const { origin } = value;
    if (names.includes(name)) continue;
    const stray = strayEntry(name, value);
    if (stray !== undefined) {
      throw new ValueRefused(stray.fault, origin, stray.name === undefined ? at : `${at}.${stray.name}`);
    }
    throw new ValueRefused(`is no key: the keys here are ${names.join(', ')}`, origin, `${at}.${name}`);
  }
  return Object.fromEntries(keys.map(([name, key]) => [name, readKey(name, key, item, `${at}.${name}`)]));
}

function readKey(name: string, { reads, byDefault }: ItemKey, item: SourceMap, at: string): unknown {
  const node = item.entries.get(name);
  // An empty value is Go's zero value: as if the key were not there.
  if (node === undefined || isNothing(node)) {
    if (byDefault === undefined) throw new ValueRefused('is missing: it must be given', item.origin, at);
    return byDefault;
  }
  try {
    const value = reads.read(node);
    if (!reads.holds(value)) throw new ValueRefused(`must be ${reads.expected}`);
    return value;
  } catch (error) {
    if (!(error instanceof ValueRefused)) throw error;
    throw new ValueRefused(error.message, error.origin ?? node.origin, at);
  }
}

function valueIn(item: unknown, name: string): unknown {
  return typeof item === 'object' && item !== null ? (item as Record<string, unknown>)[name] : undefined;
}
