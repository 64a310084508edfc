import type { StorageDriver } from '../../../application/ports/storage/storage-driver.js';
import type { Found, StoredTag, TreeDamage } from '../../../application/ports/storage/stored-tree.js';
import { damageOfFault } from '../../../application/services/damage-of-fault.js';
import type { Digest } from '../../../domain/content/digest.js';
import { isMediaType } from '../../../domain/content/media-type.js';
import { storedPath } from './paths.js';
import { parseStoredLink } from './stored-link.js';
import { damageOf } from './tree-damage.js';

/** Longer than any digest: what has more bytes is no link. */
const LONGEST_LINK = 1024;
const LARGEST_DECLARATION = 4096;
/** The reference registry writes beside a file and renames; a crash between the two leaves this. */
const TEMPORARY = /\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.tmp$/;

export type Damaged = { readonly kind: 'damaged'; readonly damage: TreeDamage };

/** Bytes of a blob; undefined when it is not there. */
export type BlobSize = (digest: Digest) => Promise<number | undefined>;

/** Whether a file is what a crash has left of a write. */
export function isTemporary(name: string): boolean {
  return TEMPORARY.test(name);
}

/** Reads the small files of one repository, and says what they hold or what is wrong with them. */
export class LinkReader {
  readonly #driver: StorageDriver;
  readonly #repository: string;
  readonly #blobSize: BlobSize;

  /** @param repository as it is called in the tree */
  constructor(driver: StorageDriver, repository: string, blobSize: BlobSize) {
    this.#driver = driver;
    this.#repository = repository;
    this.#blobSize = blobSize;
  }

  /** Undefined when there is no such file. */
  async content(path: string): Promise<{ readonly content: Uint8Array } | Damaged | undefined> {
    try {
      const content = await this.#driver.readContent(path, LONGEST_LINK);
      return content && { content };
    } catch (error) {
      return { kind: 'damaged', damage: damageOfFault(error, path, this.#repository) };
    }
  }

  tag(path: string, name: string, content: Uint8Array): Found<StoredTag> {
    const digest = parseStoredLink(content);
    return 'reason' in digest
      ? this.damaged(path, digest.reason)
      : { kind: 'found', value: { name, digest } };
  }

  /** @param expected what the link lies under */
  async link(path: string, expected: Digest, content: Uint8Array): Promise<Found<Digest>> {
    const digest = parseStoredLink(content);
    if ('reason' in digest) return this.damaged(path, digest.reason);
    if (digest.equals(expected)) return { kind: 'found', value: digest };
    // The reference registry has given it another name, but bytes of its own are there as well.
    if (isAlias(expected, digest) && (await this.#blobSize(expected)) !== undefined) {
      return { kind: 'found', value: expected };
    }
    return this.damaged(
      path,
      isAlias(expected, digest)
        ? `is another name of ${digest.toString()}, as the reference registry gives it, and is not served`
        : 'names another digest than its folder',
    );
  }

  async declaredMediaType({ algorithm, hex }: Digest): Promise<string | undefined> {
    const path = `${storedPath(this.#repository)}/_manifests/revisions/${algorithm}/${hex}/stowage.json`;
    const content = await this.#driver.readContent(path, LARGEST_DECLARATION);
    return content && parseDeclaration(content);
  }

  damaged(path: string, reason: string): Damaged {
    return { kind: 'damaged', damage: damageOf(path, this.#repository, reason) };
  }
}

/** A sha512 upload to the reference registry is kept under its sha256 digest, and the sha512 link says so. */
function isAlias(name: Digest, target: Digest): boolean {
  return name.algorithm === 'sha512' && target.algorithm === 'sha256';
}

function parseDeclaration(content: Uint8Array): string | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(content).toString());
    const mediaType: unknown = typeof value === 'object' && value !== null && Reflect.get(value, 'mediaType');
    return typeof mediaType === 'string' && isMediaType(mediaType) ? mediaType : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
