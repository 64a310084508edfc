import type { ContentReference } from '../../application/use-cases/maintenance/explain-content.js';
import { Digest, isDigestAlgorithm } from '../../domain/content/digest.js';
import { RegistryError } from '../../domain/errors.js';
import { RepositoryName } from '../../domain/repository/repository-name.js';
import { TagName } from '../../domain/tag/tag-name.js';
import { UsageError } from './usage-error.js';

/** The forms that are understood, as help shows them. */
export const REFERENCE_FORMS = '<repository>@<digest>, <repository>:<tag> or <digest>';

/**
 * What is asked about, from the words of a command line.
 * @throws UsageError saying what is wrong and what would be right
 */
export function parseContentReference(text: string, command: string): ContentReference {
  try {
    const parsed = parse(text);
    if (parsed !== undefined) return parsed;
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    throw new UsageError(
      `"${text}" can not be explained: ${error.message}. Write ${REFERENCE_FORMS}.`,
      command,
    );
  }
  throw new UsageError(`"${text}" can not be explained: write ${REFERENCE_FORMS}.`, command);
}

/** @throws RegistryError when a part breaks its grammar */
function parse(text: string): ContentReference | undefined {
  const at = text.lastIndexOf('@');
  if (at >= 0) {
    const repository = RepositoryName.parseExisting(text.slice(0, at));
    return { repository, reference: Digest.parse(text.slice(at + 1)) };
  }
  const colon = text.lastIndexOf(':');
  if (colon < 0 || text.includes('/', colon)) return undefined;
  const name = text.slice(0, colon);
  if (isDigestAlgorithm(name)) return { repository: undefined, reference: Digest.parse(text) };
  return { repository: RepositoryName.parseExisting(name), reference: TagName.parse(text.slice(colon + 1)) };
}
