import { hasShortForm, takesList } from './key-tree.js';
import {
  emptyMap,
  isNothing,
  type SourceList,
  type SourceMap,
  type SourceNode,
  type SourceScalar,
} from './source-node.js';

/**
 * Puts a value at a path, makes the maps and lists on the way, and lets a section that was one word keep its meaning.
 * Names below a known key match existing ones whatever their letter case, and are lower-cased when they are new.
 * @returns what is wrong, if it cannot be done
 */
export function setValue(root: SourceMap, path: readonly string[], value: SourceNode): string | undefined {
  let parent: SourceMap | SourceList = root;
  for (const [index, component] of path.slice(0, -1).entries()) {
    const slot = slotOf(parent, component);
    if (typeof slot !== 'object') return slot;
    const key = path.slice(0, index + 1).join('.');
    const existing = slot.get();
    const next = existing === undefined ? fresh(key, path[index + 1], value) : opened(key, existing);
    if (next.kind === 'scalar') return `${key} is a single value`;
    slot.set(next);
    parent = next;
  }
  const slot = slotOf(parent, path.at(-1) ?? '');
  if (typeof slot !== 'object') return slot;
  slot.set(value);
  return undefined;
}

interface Slot {
  get(): SourceNode | undefined;
  set(value: SourceNode): void;
}

/** Where a child stands in its parent; a sentence when it can stand nowhere. */
function slotOf(parent: SourceMap | SourceList, component: string): Slot | string {
  if (parent.kind === 'map') {
    const name = [...parent.entries.keys()].find((key) => key.toLowerCase() === component.toLowerCase());
    const key = name ?? component.toLowerCase();
    return { get: () => parent.entries.get(key), set: (value) => void parent.entries.set(key, value) };
  }
  const index = /^\d{1,6}$/.test(component) ? Number(component) : Number.NaN;
  if (!(index <= parent.items.length)) {
    return `${JSON.stringify(component)} is no index of a list of ${parent.items.length}: the next is ${parent.items.length}`;
  }
  return { get: () => parent.items[index], set: (value) => void (parent.items[index] = value) };
}

/** What does not exist yet: the values of a header are a list, as those of some keys; everything else is a map. */
function fresh(key: string, next: string | undefined, { origin }: SourceNode): SourceNode {
  const isItem = /^\d+$/.test(next ?? '') && (/\.headers\../i.test(key) || takesList(key));
  return isItem ? { kind: 'list', items: [], origin } : emptyMap(origin);
}

/** What exists, so that something can be put into it. */
function opened(key: string, node: SourceNode): SourceNode {
  if (node.kind !== 'scalar') return node;
  if (isNothing(node)) return emptyMap(node.origin);
  return hasShortForm(key) ? expandShortForm(node) : node;
}

/** `storage: inmemory` as the map it stands for. */
export function expandShortForm(node: SourceScalar): SourceMap {
  const map = emptyMap(node.origin);
  map.entries.set(node.text, { kind: 'scalar', value: null, text: '', quoted: false, origin: node.origin });
  return map;
}
