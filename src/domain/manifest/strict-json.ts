import { ManifestInvalid } from './manifest-errors.js';

/** Manifests of real tools nest about ten levels; the bound keeps a hostile one from costing more than its bytes. */
const MAX_DEPTH = 100;

/**
 * Parses I-JSON (RFC 7493): UTF-8 without a byte order mark, an object at the top, no key twice in one object.
 * @throws ManifestInvalid saying which of these the bytes break.
 */
export function parseStrictJson(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  const text = decode(bytes);
  const value = parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ManifestInvalid('a manifest is a JSON object');
  }
  refuseRepeatedKeys(text);
  return value as Readonly<Record<string, unknown>>;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError)
      throw new ManifestInvalid('a manifest is UTF-8 text, and these bytes are not');
    throw error;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw new ManifestInvalid(`the manifest is not JSON: ${error.message}`);
    throw error;
  }
}

/** JSON.parse keeps the last of two equal keys: two readers could then see two different manifests in one digest. */
function refuseRepeatedKeys(text: string): void {
  const open: (Set<string> | undefined)[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === '{' || char === '[') {
      open.push(char === '{' ? new Set() : undefined);
      if (open.length > MAX_DEPTH)
        throw new ManifestInvalid(`the manifest nests deeper than ${MAX_DEPTH} levels`);
    } else if (char === '}' || char === ']') {
      open.pop();
    } else if (char === '"') {
      const end = endOfString(text, at);
      const keys = open.at(-1);
      if (keys !== undefined && isKey(text, end)) remember(keys, text.slice(at, end + 1));
      at = end;
    }
  }
}

function remember(keys: Set<string>, quoted: string): void {
  const key = JSON.parse(quoted) as string;
  if (keys.has(key)) throw new ManifestInvalid(`the key ${quoted} stands twice in one object`);
  keys.add(key);
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

function isKey(text: string, endOfText: number): boolean {
  let at = endOfText + 1;
  while (text[at] === ' ' || text[at] === '\t' || text[at] === '\n' || text[at] === '\r') at += 1;
  return text[at] === ':';
}
