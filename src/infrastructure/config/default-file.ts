import { stringify } from 'yaml';
import { type Setting, schema } from './schema.js';
import { isSetting } from './key-tree.js';

const HEAD = `# The built-in configuration: what applies without a file. Lines behind "#" are examples of keys that have no
# fixed default. Every key is explained in docs/configuration.md.
`;

/** Keys whose default depends on whether there is a file: written as it is without one. */
const WITHOUT_FILE: Readonly<Record<string, unknown>> = {
  'storage.filesystem.rootdirectory': './data',
  'storage.delete.enabled': true,
};

/** The built-in configuration as a commented YAML file, which means the same as no configuration at all. */
export function defaultFile(): string {
  return `${HEAD}${branch(schema, '', '').join('\n')}\n`;
}

function branch(section: object, prefix: string, indent: string): string[] {
  return Object.entries(section).flatMap(([name, child]: [string, object]) => {
    if (isSetting(child)) return leaf(name, `${prefix}${name}`, child, indent);
    const lines = branch(child, `${prefix}${name}.`, `${indent}  `);
    const isEmpty = lines.every((line) => line.trimStart().startsWith('#'));
    // A section of comments alone would be an empty value.
    return [`${indent}${isEmpty ? '# ' : ''}${name}:`, ...lines];
  });
}

function leaf(name: string, key: string, setting: Setting, indent: string): string[] {
  const comment = `${indent}# ${setting.doc.replaceAll('`', '')}`;
  const value =
    WITHOUT_FILE[key] ?? (setting.default === null ? undefined : setting.reads.show(setting.default));
  if (value !== undefined) return [comment, `${indent}${name}: ${written(value)}`];
  return setting.example === undefined ? [] : [comment, `${indent}# ${name}: ${setting.example}`];
}

function written(value: unknown): string {
  return stringify(value, { version: '1.1', collectionStyle: 'flow', lineWidth: 0 }).trimEnd();
}
