import type { EventPlatform, EventReference } from './registry-event.js';

type Fields = Readonly<Record<string, unknown>>;

/** Bytes of a manifest. Each of its tags has an event of its own, and all of them wait in the database. */
const LARGEST = 64 * 1024;

/**
 * Everything that a manifest lists, foreign layers too, in its order: config and layers, or the manifests of an index. Not
 * the subject. What can not be read is left out: the manifest may be older than this registry. Nothing of a manifest of
 * more than 64 KiB.
 * @param bytes of a manifest
 */
export function eventReferences(bytes: Buffer): readonly EventReference[] {
  if (bytes.length > LARGEST) return [];
  const manifest = fieldsOf(parse(bytes));
  const listed = manifest['manifests'] ?? [manifest['config'], ...listOf(manifest['layers'])];
  return listOf(listed).flatMap((each) => {
    const reference = referenceOf(fieldsOf(each));
    return reference === undefined ? [] : [reference];
  });
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString()) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function referenceOf(fields: Fields): EventReference | undefined {
  const { mediaType, digest, size } = fields;
  if (typeof mediaType !== 'string' || typeof digest !== 'string' || typeof size !== 'number')
    return undefined;
  return {
    mediaType,
    digest,
    size,
    ...texts('urls', fields['urls']),
    ...annotationsOf(fields['annotations']),
    ...text('data', fields['data']),
    ...platformOf(fields['platform']),
    ...text('artifactType', fields['artifactType']),
  };
}

function annotationsOf(value: unknown): { annotations?: Readonly<Record<string, string>> } {
  const entries = Object.entries(fieldsOf(value)).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return entries.length === 0 ? {} : { annotations: Object.fromEntries(entries) };
}

function platformOf(value: unknown): { platform?: EventPlatform } {
  if (typeof value !== 'object' || value === null) return {};
  const fields = fieldsOf(value);
  return {
    platform: {
      ...text('architecture', fields['architecture']),
      ...text('os', fields['os']),
      ...text('osVersion', fields['os.version']),
      ...texts('osFeatures', fields['os.features']),
      ...text('variant', fields['variant']),
    },
  };
}

function text<Name extends string>(name: Name, value: unknown): { [N in Name]?: string } {
  if (typeof value !== 'string' || value === '') return {};
  return { [name]: value } as { [N in Name]: string };
}

function texts<Name extends string>(name: Name, value: unknown): { [N in Name]?: readonly string[] } {
  const found = listOf(value).filter((item) => typeof item === 'string');
  if (found.length === 0) return {};
  return { [name]: found } as unknown as { [N in Name]: readonly string[] };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}
