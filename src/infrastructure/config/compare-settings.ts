import { isDeepStrictEqual } from 'node:util';
import { isSetting, settingsOf } from './key-tree.js';
import { needsRestart } from './reload-of-keys.js';
import { schema, type Settings } from './schema.js';

/** How one configuration differs from another. */
export interface ComparedSettings {
  /** Keys that change at once. */
  readonly changed: readonly string[];
  /** Keys that wait for a restart. */
  readonly restart: readonly string[];
  /** The new values, and the old ones of keys that wait. */
  readonly inForce: Settings;
}

/** Compares key by key, in the order of the schema. */
export function compareSettings(before: Settings, after: Settings): ComparedSettings {
  const different = [...settingsOf()]
    .map(([key]) => key)
    .filter((key) => !isDeepStrictEqual(valueOf(before, key), valueOf(after, key)));
  const waits = new Set(different.filter((key) => needsRestart(key, before, after)));
  return {
    changed: different.filter((key) => !waits.has(key)),
    restart: [...waits],
    inForce: settingsFrom((key) => valueOf(waits.has(key) ? before : after, key)) as unknown as Settings,
  };
}

function valueOf(settings: Settings, key: string): unknown {
  let value: unknown = settings;
  for (const name of key.split('.')) value = (value as Record<string, unknown>)[name];
  return value;
}

/** Settings whose every value is asked for by its key. */
function settingsFrom(
  value: (key: string) => unknown,
  branch: object = schema,
  prefix = '',
): Record<string, unknown> {
  const entries = Object.entries(branch) as [string, object][];
  return Object.fromEntries(
    entries.map(([name, child]) => {
      const key = `${prefix}${name}`;
      return [name, isSetting(child) ? value(key) : settingsFrom(value, child, `${key}.`)];
    }),
  );
}
