import { Digest } from '../content/digest.js';
import { TagName } from '../tag/tag-name.js';

/** What stands behind `/manifests/`: a tag or a digest. */
export type Reference = Digest | TagName;

/**
 * Text with a colon can only be a digest, since no tag has one.
 * @throws DigestInvalid or TagInvalid
 */
export function parseReference(text: string): Reference {
  return text.includes(':') ? Digest.parse(text) : TagName.parse(text);
}
