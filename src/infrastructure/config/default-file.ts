import { stringify } from 'yaml';
import { schema } from './schema.js';
import type { Setting } from './setting.js';
import { isSetting, settingsOf } from './key-tree.js';

const HEAD = `# The built-in configuration: what applies without a file. Lines behind "#" are examples of keys that have no
# fixed default. Every key is explained in docs/configuration.md.
`;

/** Keys whose default depends on whether there is a file: written as it is without one. */
const WITHOUT_FILE: Readonly<Record<string, unknown>> = {
  version: 0.1,
  'storage.filesystem.rootdirectory': './data',
  'storage.delete.enabled': true,
};

/** Sections of which at most one of its kind may be there. */
const CHOICES = ['storage.s3.', 'auth.token.'];

/** The built-in configuration as a commented YAML file, which means the same as no configuration at all. */
export function defaultFile(): string {
  return `${HEAD}${branch(schema, '', '').join('\n')}\n`;
}

/** `indent` has a "#" inside a section that is all example. */
function branch(section: object, prefix: string, indent: string): string[] {
  return Object.entries(section).flatMap(([name, child]: [string, object]) => {
    const key = `${prefix}${name}`;
    if (isSetting(child)) return leaf(name, key, child, indent);
    const mark = indent.includes('#') || hasDefaults(child, `${key}.`) ? indent : `${indent}# `;
    return [`${mark}${name}:`, ...branch(child, `${key}.`, `${mark}  `)];
  });
}

function leaf(name: string, key: string, setting: Setting, indent: string): string[] {
  const comment = `${indent}# ${setting.doc.replaceAll('`', '')}`;
  const value = valueWithoutFile(key, setting);
  if (value !== undefined) return [comment, `${indent}${name}: ${written(value)}`];
  if (setting.example === undefined) return [];
  return [comment, `${indent}${indent.includes('#') ? '' : '# '}${name}: ${setting.example}`];
}

/** The keys of a choice have defaults for those who name it; that it is there would choose it. */
function hasDefaults(section: object, prefix: string): boolean {
  return [...settingsOf(section, prefix)].some(
    ([key, setting]) =>
      !CHOICES.some((choice) => key.startsWith(choice)) && valueWithoutFile(key, setting) !== undefined,
  );
}

function valueWithoutFile(key: string, setting: Setting): unknown {
  return WITHOUT_FILE[key] ?? (setting.default === null ? undefined : setting.reads.show(setting.default));
}

function written(value: unknown): string {
  return stringify(value, { version: '1.1', collectionStyle: 'flow', lineWidth: 0 }).trimEnd();
}
