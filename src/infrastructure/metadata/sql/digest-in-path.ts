import { Digest } from '../../../domain/content/digest.js';
import { encodeDigest } from './digest-codec.js';

const IN_PATH =
  /\/(?:sha256\/(?:[0-9a-f]{2}\/)?[0-9a-f]{64}|sha512\/(?:[0-9a-f]{2}\/)?[0-9a-f]{128})(?=\/|$)/;

/** The digest that a path of the reference registry's tree is about, as rows have it; undefined when it is about none. */
export function digestInPath(path: string): Uint8Array | undefined {
  const [, algorithm, ...rest] = IN_PATH.exec(path)?.[0].split('/') ?? [];
  const hex = rest.at(-1);
  return hex === undefined ? undefined : encodeDigest(Digest.parse(`${algorithm}:${hex}`));
}
