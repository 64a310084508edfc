import type { ListedFile } from '../../../application/ports/storage/file-listing.js';
import type { Digest } from '../../../domain/content/digest.js';
import { TagName } from '../../../domain/tag/tag-name.js';
import { plainlyHolds } from './listed-files.js';
import { isTemporary, type Damaged, type LinkReader } from './link-reader.js';
import { parseDigest } from './stored-link.js';
import { isAddressable, NO_FOLDER } from './tree-damage.js';

/** A tag. */
export interface ListedTag {
  readonly name: string;
  /** Its link. */
  readonly file: ListedFile;
  /** What it points at, when its past tells; undefined when the link has to be read. */
  readonly target: Digest | undefined;
}

/**
 * Picks tags out of the files of the folder of all tags. A link holds one of the digests that the tag has ever had, and
 * the history names them: so it is known which, without its being read.
 */
export async function* listedTags(
  files: AsyncIterable<ListedFile>,
  folder: string,
  reader: LinkReader,
): AsyncGenerator<ListedTag | Damaged> {
  let tag: TagFiles | undefined;
  for await (const file of files) {
    const [name = '', ...rest] = file.path.slice(folder.length + 1).split('/');
    if (rest.length === 0) {
      if (!isTemporary(name))
        yield reader.damaged(file.path, isAddressable(name) ? NO_FOLDER : NEVER_WRITTEN);
      continue;
    }
    if (tag?.name !== name) {
      if (tag !== undefined) yield tag.result();
      tag = new TagFiles(folder, name, reader);
    }
    tag.add(file, rest);
  }
  if (tag !== undefined) yield tag.result();
}

const NEVER_WRITTEN = 'is a name that is never written';

/** What is listed of one tag: its link comes before its history. */
class TagFiles {
  readonly name: string;
  readonly #folder: string;
  readonly #reader: LinkReader;
  #link: ListedFile | undefined;
  #target: Digest | undefined;
  /** What lies in the place of the link. */
  #instead: Damaged | undefined;

  constructor(tags: string, name: string, reader: LinkReader) {
    this.name = name;
    this.#folder = `${tags}/${name}`;
    this.#reader = reader;
  }

  /** @param rest segments of its path behind the tag's name */
  add(file: ListedFile, rest: readonly string[]): void {
    const [part, second = '', third = '', leaf] = rest;
    if (part === 'current') this.#addCurrent(file, rest);
    else if (part === 'index' && leaf === 'link' && rest.length === 4) {
      if (this.#link === undefined || this.#target !== undefined) return;
      const digest = parseDigest(`${second}:${third}`);
      if (digest !== undefined && plainlyHolds(this.#link, digest.toString())) this.#target = digest;
    }
  }

  result(): ListedTag | Damaged {
    if (!isAddressable(this.name)) return this.#reader.damaged(this.#folder, NEVER_WRITTEN);
    if (!TagName.isValid(this.name)) {
      return this.#reader.damaged(this.#folder, 'is a name that no tag can have');
    }
    if (this.#link !== undefined) return { name: this.name, file: this.#link, target: this.#target };
    return this.#instead ?? this.#reader.damaged(`${this.#folder}/current/link`, 'is missing');
  }

  #addCurrent(file: ListedFile, rest: readonly string[]): void {
    const path = `${this.#folder}/current`;
    if (rest.length === 1) this.#instead = this.#reader.damaged(path, NO_FOLDER);
    else if (rest[1] !== 'link') return;
    else if (rest.length === 2) this.#link = file;
    else this.#instead = this.#reader.damaged(`${path}/link`, 'is a folder where a file should be');
  }
}
