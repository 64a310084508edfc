import type { ValueOrigin } from '../../application/ports/system/configuration-reader.js';
import { nearestWord } from '../../application/services/nearest-word.js';
import { nameOfDriver, settleAliases } from './driver-aliases.js';
import { fieldOfSection, type KeyNode, keyTree, knownKeys, type SectionNode } from './key-tree.js';
import { readYaml, YamlRefused } from './read-yaml.js';
import { setValue } from './set-value.js';
import { type SourceMap, type SourceNode, textScalar } from './source-node.js';

const PREFIX = 'REGISTRY_';
/** Names the file, and is no setting itself. */
const CONFIGURATION_PATH = 'REGISTRY_CONFIGURATION_PATH';
/** What Kubernetes and Docker links set for a service that is called "registry" or "registry-…". */
const SERVICE_LINK = /(^|_)(SERVICE_(HOST|PORT(_.+)?)|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$/;
const LINK_VALUE = /^(tcp|udp|sctp):\/\//;

export interface EnvironmentFindings {
  readonly problems: string[];
  readonly warnings: string[];
}

/**
 * Lays the `REGISTRY_*` variables over what a file said, as the reference registry does: names follow its Go fields,
 * parents come before what is in them, payloads are YAML. Better than there: keys in maps of any depth are reached,
 * names of keys work beside names of fields, lists take more than ten items, a misspelt name is not silently ignored.
 */
export function applyEnvironment(
  tree: SourceMap,
  env: Readonly<Record<string, string | undefined>>,
): EnvironmentFindings {
  const findings: EnvironmentFindings = { problems: [], warnings: [] };
  const variables = Object.keys(env).filter((name) => name.startsWith(PREFIX) && name !== CONFIGURATION_PATH);
  const sorted = variables
    .map((name) => [sortKey(name), name] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  for (const [, variable] of sorted) {
    const payload = env[variable];
    if (payload === undefined || isServiceLink(variable, payload)) continue;
    applyVariable(tree, variable, payload, findings);
  }
  return findings;
}

/** Sorts a parent before what is in it, and item 2 of a list before item 10. */
function sortKey(variable: string): string {
  const components = variable.split('_');
  return components.map((part) => (/^\d+$/.test(part) ? part.padStart(12, '0') : part)).join('\0');
}

function isServiceLink(variable: string, payload: string): boolean {
  return SERVICE_LINK.test(variable) || (variable.endsWith('_PORT') && LINK_VALUE.test(payload));
}

function applyVariable(
  tree: SourceMap,
  variable: string,
  payload: string,
  findings: EnvironmentFindings,
): void {
  if (variable === 'REGISTRY_VERSION') {
    // A common name for the version of an image in compose files; it can say nothing that a file does not.
    const warning = 'REGISTRY_VERSION is ignored: the version stands in the file.';
    if (payload.trim() !== '0.1') findings.warnings.push(warning);
    return;
  }
  const target = findTarget(variable.slice(PREFIX.length).split('_'));
  if (target === undefined) return reportUnknown(variable, findings);
  const origin: ValueOrigin = { kind: 'environment', variable };
  try {
    const fault = setValue(tree, target.path, readPayload(payload, target, origin));
    if (fault !== undefined) findings.problems.push(`${variable} cannot be used: ${fault}.`);
    findings.problems.push(...settleAliases(tree));
  } catch (error) {
    if (!(error instanceof YamlRefused)) throw error;
    findings.problems.push(`${variable} is no valid YAML: ${error.message}.`);
  }
}

/** Single values are also taken as they are where YAML would not have them: `[::1]:5000`, `@secret`. */
function readPayload(payload: string, target: Target, origin: ValueOrigin): SourceNode {
  const isText = takesOne(target);
  try {
    const read = readYaml(payload, () => origin);
    if (read === undefined) return { kind: 'scalar', value: null, text: '', quoted: false, origin };
    return isText && read.kind !== 'scalar' ? textScalar(payload, origin) : read;
  } catch (error) {
    if (isText && error instanceof YamlRefused) return textScalar(payload, origin);
    throw error;
  }
}

/** Whether a single value is wanted, and not something in which others stand. */
function takesOne({ node, path }: Target): boolean {
  if (node.kind !== 'setting') return node.kind === 'unneeded' && node.names === undefined;
  const [, name = '', ...deeper] = path.slice(node.key.split('.').length);
  const item = node.setting.reads.items?.[name.toLowerCase()];
  if (item !== undefined && deeper.length === 0) return typeof item.byDefault !== 'object';
  return !takesMany(node);
}

/** Whether there is something in its value that can be named: an entry of a map, an item of a list. */
function takesMany(node: KeyNode): boolean {
  if (node.kind !== 'setting') return false;
  const { default: value } = node.setting;
  return value instanceof Map || Array.isArray(value);
}

interface Target {
  /** The deepest known key. */
  readonly node: KeyNode;
  /** The way to the value: known names, then the rest as it was written. */
  readonly path: readonly string[];
}

/** Undefined when the variable names nothing that is known. */
function findTarget(components: readonly string[]): Target | undefined {
  let node: KeyNode = keyTree;
  const path: string[] = [];
  for (const [index, component] of components.entries()) {
    if (node.kind !== 'section') {
      const open =
        node.kind === 'missing' || takesMany(node) || (node.kind === 'unneeded' && node.names !== undefined);
      const rest = components.slice(index);
      return open && !rest.includes('') ? { node, path: [...path, ...rest] } : undefined;
    }
    const child = childFor(node, component);
    if (child === undefined) return undefined;
    path.push(child[0]);
    node = child[1];
  }
  return { node, path };
}

function childFor(section: SectionNode, component: string): [string, KeyNode] | undefined {
  // These sections are maps in Go, not structs: letter case does not count there.
  const name = section.key === 'storage' ? nameOfDriver(component) : component;
  const wanted = /^(storage|auth)/.test(section.key) ? name.toUpperCase() : name;
  return [...section.children].find(
    ([child, node]) => child.toUpperCase() === wanted || fieldOf(node)?.toUpperCase() === wanted,
  );
}

/** The name of Go's struct field, where it differs from the key. */
function fieldOf(node: KeyNode): string | undefined {
  if (node.kind === 'setting') return node.setting.field;
  return node.kind === 'section' ? fieldOfSection(node.key) : undefined;
}

/** In a section that exists it is a mistake; elsewhere it may belong to another program (`REGISTRY_USER`). */
function reportUnknown(variable: string, findings: EnvironmentFindings): void {
  const section = variable.slice(PREFIX.length).split('_', 1)[0]?.toLowerCase() ?? '';
  const names = [...knownKeys()].map((key) => key.replaceAll('.', '_').toUpperCase());
  const nearest = nearestWord(variable.slice(PREFIX.length), names);
  const meant = nearest === undefined ? '' : ` Was ${PREFIX}${nearest} meant?`;
  const sentence = `${variable} names no key of the configuration`;
  if (keyTree.children.has(section)) findings.problems.push(`${sentence}.${meant}`);
  else findings.warnings.push(`${sentence} and is ignored.${meant}`);
}
