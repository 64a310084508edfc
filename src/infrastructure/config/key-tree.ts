import { type MissingKey, missingKeys, type UnneededKey, unneededKeys } from './known-keys.js';
import { schema } from './schema.js';
import type { Setting } from './setting.js';

/** All keys that are known, as the tree that a file is. */
export type KeyNode =
  | SectionNode
  | { readonly kind: 'setting'; readonly key: string; readonly setting: Setting }
  | ({ readonly kind: 'unneeded' } & UnneededKey)
  | ({ readonly kind: 'missing' } & MissingKey);

export interface SectionNode {
  readonly kind: 'section';
  /** Dotted; empty for the root. */
  readonly key: string;
  readonly children: Map<string, KeyNode>;
}

/** Sections that may be a single word, the name of the one thing that stands in them: `storage: inmemory`. */
const SHORT_FORMS = new Set(['storage', 'auth']);

/** Sections whose name in Go, which is what an environment variable says, is another one. */
const FIELDS: Readonly<Record<string, string>> = { 'notifications.events': 'eventconfig' };

/** @param key dotted */
export function fieldOfSection(key: string): string | undefined {
  return FIELDS[key];
}

export function hasShortForm(key: string): boolean {
  return SHORT_FORMS.has(key);
}

export function isSetting(value: unknown): value is Setting {
  return typeof value === 'object' && value !== null && 'reads' in value;
}

/** Every setting with its dotted key, in the order of the schema. */
export function* settingsOf(branch: object = schema, prefix = ''): Generator<readonly [string, Setting]> {
  for (const [name, child] of Object.entries(branch) as [string, object][]) {
    if (isSetting(child)) yield [`${prefix}${name}`, child];
    else yield* settingsOf(child, `${prefix}${name}.`);
  }
}

/** Whether the value of a key is a list, of which the environment may give single items. */
export function takesList(key: string): boolean {
  for (const [known, { default: value }] of settingsOf()) {
    if (known === key) return Array.isArray(value);
  }
  return false;
}

function buildKeyTree(): SectionNode {
  const root: SectionNode = { kind: 'section', key: '', children: new Map() };
  const nodes: KeyNode[] = [
    ...[...settingsOf()].map(([key, setting]) => ({ kind: 'setting' as const, key, setting })),
    ...unneededKeys.map((entry) => ({ kind: 'unneeded' as const, ...entry })),
    ...missingKeys.map((entry) => ({ kind: 'missing' as const, ...entry })),
  ];
  for (const node of nodes) place(root, node);
  return root;
}

function place(root: SectionNode, node: KeyNode): void {
  let section = root;
  const names = node.key.split('.');
  for (const name of names.slice(0, -1)) {
    let child = section.children.get(name);
    if (child === undefined) {
      child = {
        kind: 'section',
        key: section.key === '' ? name : `${section.key}.${name}`,
        children: new Map(),
      };
      section.children.set(name, child);
    }
    if (child.kind !== 'section') throw new Error(`${node.key} stands in ${child.key}, which is no section`);
    section = child;
  }
  section.children.set(names.at(-1) ?? '', node);
}

export const keyTree: SectionNode = buildKeyTree();

/** Every known key, dotted, for finding the one that was meant. */
export function* knownKeys(node: KeyNode = keyTree): Generator<string> {
  if (node.key !== '') yield node.key;
  if (node.kind === 'section') for (const child of node.children.values()) yield* knownKeys(child);
}
