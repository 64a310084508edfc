import { Digest } from '../content/digest.js';
import { RegistryError } from '../errors.js';
import type { Reference } from '../manifest/reference.js';
import { TagName } from '../tag/tag-name.js';
import { RepositoryName } from './repository-name.js';

/** A request may move this many tags; the specification asks for at least 10 (OCI end-7b). */
const MAX_TAGS = 100;

/** A request names tags where it must not, or too many (400). */
export class TagsInvalid extends RegistryError {
  override readonly name = 'TagsInvalid';

  constructor(message: string) {
    super('TAG_INVALID', message);
  }
}

/** The scope in which manifests, tags and blobs exist: what one repository has, another has not. */
export class Repository {
  readonly name: RepositoryName;

  constructor(name: RepositoryName) {
    this.name = name;
  }

  /**
   * The tags that a push of a manifest moves: the one in its path, or those in its `tag` parameters, which only a
   * push by digest may have (OCI end-7b).
   * @throws TagsInvalid, TagInvalid
   */
  tagsToMove(reference: Reference, parameters: readonly string[]): readonly TagName[] {
    if (!(reference instanceof Digest)) {
      if (parameters.length === 0) return [reference];
      throw new TagsInvalid('tag parameters go with a push by digest; this one is by tag');
    }
    if (parameters.length > MAX_TAGS) throw new TagsInvalid(`one push may set at most ${MAX_TAGS} tags`);
    return [...new Set(parameters)].map((text) => TagName.parse(text));
  }

  /**
   * Where a blob may be mounted from: the repository named, or with no `from` any that has it (OCI end-11). Undefined
   * when the name can be no repository's, so that the client uploads instead.
   */
  mountSource(from: string | undefined): 'anywhere' | RepositoryName | undefined {
    if (from === undefined) return 'anywhere';
    return RepositoryName.ofExisting(from);
  }
}
