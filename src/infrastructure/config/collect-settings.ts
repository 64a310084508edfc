import type { ValueOrigin } from '../../application/ports/system/configuration-reader.js';
import { nearestWord } from '../../application/services/nearest-word.js';
import { hasShortForm, type KeyNode, keyTree, knownKeys, type SectionNode } from './key-tree.js';
import type { MissingKey } from './known-keys.js';
import type { Setting } from './setting.js';
import { expandShortForm } from './set-value.js';
import {
  isNothing,
  placeOf,
  type SourceList,
  type SourceMap,
  type SourceNode,
  strayEntry,
} from './source-node.js';
import { ValueRefused } from './value-format.js';

export interface CollectedValue {
  readonly value: unknown;
  readonly origin: ValueOrigin;
  /** Of a map, the origin of each entry by its name in lower case; of a list, of each item by its index. */
  readonly entries?: ReadonlyMap<string, ValueOrigin>;
}

const PURGING = 'storage.maintenance.uploadpurging';
const SCHEMES = 'auth.';
const OURS = new Set(['storage.filesystem', 'storage.s3', 'storage.inmemory']);

/** What the written configuration says, key by key, and everything that is wrong with it. */
export interface Collected {
  readonly values: Map<string, CollectedValue>;
  readonly notices: string[];
  readonly problems: string[];
  /** Storage drivers that are named, those that do not exist yet too, with the place of each. */
  readonly drivers: Map<string, ValueOrigin>;
  /** Schemes of authentication that are named, with the place of each. */
  readonly schemes: Map<string, ValueOrigin>;
}

/** Holds what was written against the known keys. */
export function collectSettings(tree: SourceNode): Collected {
  const collected: Collected = {
    values: new Map(),
    notices: [],
    problems: [],
    drivers: new Map(),
    schemes: new Map(),
  };
  visitSection(keyTree, tree, collected);
  return collected;
}

function visit(node: KeyNode, source: SourceNode, collected: Collected): void {
  if (node.key.startsWith(SCHEMES) && !node.key.includes('.', SCHEMES.length))
    collected.schemes.set(node.key.slice(SCHEMES.length), source.origin);
  if (isDriver(node)) collected.drivers.set(node.key.slice('storage.'.length), source.origin);
  switch (node.kind) {
    case 'section':
      return visitSection(node, source, collected);
    case 'setting':
      return readSetting(node.key, node.setting, source, collected);
    case 'unneeded':
      return noteUnneeded(node, source, collected);
    case 'missing':
      return noteMissing(node, source, collected);
  }
}

function isDriver(node: KeyNode): boolean {
  if (OURS.has(node.key)) return true;
  return node.kind === 'missing' && node.accepted === 'never' && node.key.startsWith('storage.');
}

function visitSection(node: SectionNode, source: SourceNode, collected: Collected): void {
  if (isNothing(source)) return;
  const map = source.kind === 'scalar' && hasShortForm(node.key) ? expandShortForm(source) : source;
  if (map.kind !== 'map') {
    collected.problems.push(sentenceOfNoMap(node, source));
    return;
  }
  const before = collected.problems.length;
  for (const [name, value] of map.entries) {
    const child = node.children.get(name);
    // A place for anchors, as in files of docker compose.
    if (node.key === '' && name.startsWith('x-')) continue;
    if (child === undefined) collected.problems.push(unknownKey(node, name, value));
    else visit(child, value, collected);
  }
  const isOff = collected.values.get(`${node.key}.enabled`)?.value === false;
  if (node.key === PURGING && isOff) excuse(collected, before);
}

function sentenceOfNoMap({ key, children }: SectionNode, source: SourceNode): string {
  const subject = key === '' ? 'The configuration' : key;
  const names = [...children.keys()].join(', ');
  // `addr:5000` is a text.
  const isGlued = source.kind === 'scalar' && !source.quoted && /^[\w-]+:\S/.test(source.text);
  const hint = isGlued ? ' Is there a space missing behind a colon?' : '';
  return `${subject} (${placeOf(source.origin)}) must be a map with keys such as ${names}.${hint}`;
}

/** The reference registry does not read the rest of what is switched off, so what is wrong there stops no start. */
function excuse(collected: Collected, before: number): void {
  const excused = collected.problems.splice(before);
  collected.notices.push(...excused.map((problem) => `Not read, because it is switched off: ${problem}`));
}

function readSetting(key: string, setting: Setting, source: SourceNode, collected: Collected): void {
  // An empty value is Go's zero value: as if the key were not there. Only inmemory is switched on by it.
  if (isNothing(source) && key !== 'storage.inmemory') return;
  if (setting.reads.saysNothing?.(source) === true) return;
  try {
    const value = setting.reads.read(source);
    if (!setting.reads.holds(value)) throw new ValueRefused(`must be ${setting.reads.expected}`);
    const { origin } = source;
    collected.values.set(
      key,
      source.kind === 'scalar' ? { value, origin } : { value, origin, entries: originsIn(source) },
    );
  } catch (error) {
    if (!(error instanceof ValueRefused)) throw error;
    const place = placeOf(error.origin ?? source.origin);
    collected.problems.push(`${key}${error.within} (${place}) ${error.message}.`);
  }
}

function originsIn(source: SourceMap | SourceList): ReadonlyMap<string, ValueOrigin> {
  const parts = source.kind === 'map' ? source.entries : source.items.entries();
  return new Map([...parts].map(([name, { origin }]) => [String(name).toLowerCase(), origin]));
}

function noteUnneeded(node: KeyNode & { kind: 'unneeded' }, source: SourceNode, collected: Collected): void {
  const unknown =
    source.kind === 'map' && node.names
      ? [...source.entries].filter(([name]) => !node.names?.includes(name))
      : [];
  for (const [name, value] of unknown) {
    const meant = nearestWord(name, node.names ?? []);
    collected.problems.push(sentenceOfUnknown(node.key, name, value, meant && `${node.key}.${meant}`));
  }
  collected.notices.push(`${node.key} (${placeOf(source.origin)}) is not needed: ${node.reason}.`);
}

function noteMissing(node: MissingKey, source: SourceNode, collected: Collected): void {
  const isSame = source.kind === 'scalar' && source.value === node.same;
  if (!isSame && !asksForNothing(source, node.accepted)) {
    collected.problems.push(
      `${node.key} (${placeOf(source.origin)}) is known, but not supported. ${node.reason}`,
    );
  }
}

function asksForNothing(source: SourceNode, accepted: MissingKey['accepted']): boolean {
  if (accepted === 'never') return false;
  if (source.kind === 'scalar') return source.value === null || source.value === false || source.value === '';
  if (source.kind === 'list') return source.items.every((item) => asksForNothing(item, accepted));
  if (accepted === 'switch' && isSwitchedOff(source.entries)) return true;
  return [...source.entries.values()].every((value) => asksForNothing(value, 'empty'));
}

function isSwitchedOff(entries: ReadonlyMap<string, SourceNode>): boolean {
  const says = (name: string, wanted: boolean) => {
    const node = entries.get(name);
    return node?.kind === 'scalar' && node.value === wanted;
  };
  return says('enabled', false) || says('disabled', true);
}

function unknownKey(node: SectionNode, name: string, value: SourceNode): string {
  const sibling = nearestWord(name, node.children.keys());
  const nearest =
    sibling === undefined ? nearestWord(within(node.key, name), knownKeys()) : within(node.key, sibling);
  return sentenceOfUnknown(node.key, name, value, nearest ?? elsewhere(name));
}

/** A key that stands in the wrong section. */
function elsewhere(name: string): string | undefined {
  return [...knownKeys()].find((known) => known.split('.').at(-1) === name.toLowerCase());
}

function sentenceOfUnknown(
  section: string,
  name: string,
  value: SourceNode,
  nearest: string | undefined,
): string {
  const place = placeOf(value.origin);
  const stray = strayEntry(name, value);
  if (stray !== undefined) {
    const subject = stray.name === undefined ? section : within(section, stray.name);
    return `${subject === '' ? 'The configuration' : subject} (${place}) ${stray.fault}.`;
  }
  const meant = nearest === undefined ? '' : ` Was ${nearest} meant?`;
  return `${within(section, name)} (${place}) is no key of the configuration.${meant}`;
}

function within(section: string, name: string): string {
  return section === '' ? name : `${section}.${name}`;
}
