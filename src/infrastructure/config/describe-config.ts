import { fieldOfSection, type KeyNode, keyTree, settingsOf } from './key-tree.js';
import { markdownTable } from './markdown-table.js';
import { describeReload } from './reload-of-keys.js';
import type { Setting } from './setting.js';
import type { ItemKey } from './value-format.js';

const HEAD = `# Configuration

Stowage needs no configuration. Without any it listens on \`127.0.0.1:5000\`, stores in \`./data\` and lets clients
delete. \`stowage config show\` prints every value and where it comes from, \`stowage config show --default\` the
built-in configuration as a file to start from, and \`stowage config check\` says what is wrong with a configuration.

## Where values come from

From weakest to strongest: the built-in defaults, the file, the environment, the flags of \`serve\`.

- **The file** is YAML, the \`config.yml\` of the reference registry (CNCF Distribution). It is the argument of \`serve\`,
  else what \`REGISTRY_CONFIGURATION_PATH\` names. It must have \`version: 0.1\` and a storage driver. \`s3aws\` is
  another name of \`s3\`.
- **The environment** sets single keys: \`REGISTRY_\`, then the names of the key in capitals, joined by \`_\`. The value
  is YAML. A whole section can be given too, and replaces that section of the file: \`REGISTRY_STORAGE=inmemory\`. So can
  one entry of a map, \`REGISTRY_LOG_FIELDS_zone=a\`, and one item of a list, \`REGISTRY_HTTP_HEADERS_X-Name_0=value\`.
- **The flags** are \`--addr\` (\`http.addr\`), \`--root\` (\`storage.filesystem.rootdirectory\`) and \`--log-level\`
  (\`log.level\`).

A key that is not known, or a value that is not right, stops the start with a sentence that names the key, its place and
the nearest key. At the top of a file keys that begin with \`x-\` are not read: a place for anchors. Variables that begin with \`REGISTRY_\` and name no section below are reported and ignored. So is
\`REGISTRY_VERSION\`. What Kubernetes sets for a service called "registry" (\`REGISTRY_PORT\`, \`REGISTRY_SERVICE_HOST\`)
is none of ours.

A running \`serve\` reads its configuration again on \`SIGHUP\` and on \`stowage config reload\`
([operations](operations.md#changing-the-configuration-while-it-runs)). "Reload" says of each key whether its change counts at
once or needs a restart.

Durations are written as in Go: \`10s\`, \`1m30s\`, \`250ms\`. A number without a unit means nanoseconds.

## Keys
`;

const OVERVIEW = `## All keys at a glance

Every key of the reference registry, versions 2 and 3, is honoured, or accepted with a notice because nothing needs it here,
or refused by name. What is refused is accepted where it asks for nothing: empty, \`false\`, or switched off. A section that
is not needed, or refused, is so with all that stands in it.
`;

/** docs/configuration.md, from the schema. */
export function describeConfig(): string {
  const keys = [...settingsOf()].map(([key, setting]) => describe(key, setting));
  const rows = markdownTable(['key', 'here', 'environment'], [...rowsOf(keyTree)]);
  return [HEAD, keys.join('\n'), OVERVIEW, `${rows}\n`].join('\n');
}

/** A row for every known key, in the order of the tree. */
function* rowsOf(node: KeyNode): Generator<readonly [key: string, here: string, variable: string]> {
  const key = `\`${node.key}\``;
  switch (node.kind) {
    case 'section':
      for (const child of node.children.values()) yield* rowsOf(child);
      return;
    case 'unneeded':
      return yield [key, `accepted, not needed: ${node.reason}.`, `\`${variableOf(node.key)}\``];
    case 'missing':
      return yield [key, `refused: ${node.reason}`, `\`${variableOf(node.key)}\``];
    case 'setting':
      return yield* rowsOfSetting(node.key, node.setting);
  }
}

function* rowsOfSetting(key: string, setting: Setting): Generator<readonly [string, string, string]> {
  const here = `[honoured](#${anchorOf(key)})`;
  const variable = variableOf(key, setting);
  yield [`\`${key}\``, here, key === 'version' ? '' : `\`${variable}\``];
  for (const name of Object.keys(setting.reads.items ?? {})) {
    yield [`\`${key}[].${name}\``, here, `\`${variable}_0_${name.toUpperCase()}\``];
  }
}

/** Of its heading: dots are left out, and what is then the same as an earlier one gets a number. */
function anchorOf(key: string): string {
  const alike = [...settingsOf()]
    .map(([name]) => name)
    .filter((name) => withoutDots(name) === withoutDots(key));
  const earlier = alike.indexOf(key);
  return earlier > 0 ? `${withoutDots(key)}-${earlier}` : withoutDots(key);
}

function withoutDots(key: string): string {
  return key.replaceAll('.', '');
}

function describe(key: string, setting: Setting): string {
  const lines = [
    `### \`${key}\``,
    '',
    setting.doc,
    '',
    `- Value: ${setting.reads.expected}`,
    `- Default: ${defaultOf(setting)}`,
  ];
  if (setting.example !== undefined)
    lines.push(`- Example: \`${key.split('.').at(-1)}: ${setting.example}\``);
  const variable = variableOf(key, setting);
  const items = Object.entries(setting.reads.items ?? {});
  const ofItem = items.slice(0, 1).map(([name]) => ` or \`${variable}_0_${name.toUpperCase()}\` and so on`);
  if (key !== 'version') lines.push(`- Environment: \`${variable}\`${ofItem.join('')}`);
  lines.push(`- Reload: ${describeReload(key)}`);
  if (items.length > 0) lines.push('- Keys of each map:', ...items.map(describeItem));
  return `${lines.join('\n')}\n`;
}

function describeItem([name, { reads, byDefault, doc }]: readonly [string, ItemKey]): string {
  const missing = byDefault === undefined ? 'It must be given' : `Default: ${written(reads.show(byDefault))}`;
  return `  - \`${name}\`: ${doc} Value: ${reads.expected}. ${missing}`;
}

function variableOf(key: string, { field }: { readonly field?: string } = {}): string {
  const names = key.split('.');
  const sections = names
    .slice(0, -1)
    .map((name, at) => fieldOfSection(names.slice(0, at + 1).join('.')) ?? name);
  return `REGISTRY_${[...sections, field ?? names.at(-1)].join('_').toUpperCase()}`;
}

function defaultOf(setting: Setting): string {
  if (setting.otherwise !== undefined) return setting.otherwise;
  return written(setting.reads.show(setting.default));
}

function written(shown: unknown): string {
  if (shown === '') return 'none';
  return `\`${typeof shown === 'string' ? shown : JSON.stringify(shown)}\``;
}
