import type { FileListing, ListedFile } from '../../../application/ports/storage/file-listing.js';
import { isDigestAlgorithm, type Digest } from '../../../domain/content/digest.js';
import { blobsPath } from './paths.js';
import { parseDigest } from './stored-link.js';

/** Blobs that are learnt at most: some 40 MB for sha256. The rest is looked at one by one. */
const MOST = 1_000_000;

/** Blobs of one algorithm on one page of the listing, by their digests. */
interface Sheet {
  readonly algorithm: string;
  /** One behind the other, in byte order. */
  readonly digests: Buffer;
  readonly sizes: Float64Array;
}

/** The sizes of all blobs, packed, as a listing has told them. */
export class LearntSizes {
  readonly #listing: FileListing;
  readonly #most: number;
  #sheets: Sheet[] = [];
  #users = 0;
  #learning: Promise<void> | undefined;

  constructor(listing: FileListing, most = MOST) {
    this.#listing = listing;
    this.#most = most;
  }

  /**
   * Several may need them at once: the first lets them be read, the last lets them go.
   * @returns to be called when they are not needed any more; rejects with the fault, or with the signal's reason
   */
  async learn(signal: AbortSignal): Promise<() => void> {
    this.#users += 1;
    try {
      this.#learning ??= this.#read(signal);
      await this.#learning;
    } catch (error) {
      this.#release();
      throw error;
    }
    let held = true;
    return () => {
      if (held) this.#release();
      held = false;
    };
  }

  /** Undefined when nothing was learnt of it. */
  sizeOf({ algorithm, hex }: Digest): number | undefined {
    const wanted = Buffer.from(hex, 'hex');
    const sheet = this.#sheets[this.#sheetOf(algorithm, wanted)];
    if (sheet?.algorithm !== algorithm) return undefined;
    const at = lastUpTo(sheet.sizes.length, (index) => compareAt(sheet, index, wanted) <= 0);
    return at >= 0 && compareAt(sheet, at, wanted) === 0 ? sheet.sizes[at] : undefined;
  }

  /** The last sheet that does not begin behind the digest. */
  #sheetOf(algorithm: string, wanted: Buffer): number {
    return lastUpTo(this.#sheets.length, (index) => {
      const sheet = this.#sheets[index];
      if (sheet === undefined || sheet.algorithm > algorithm) return false;
      return sheet.algorithm < algorithm || compareAt(sheet, 0, wanted) <= 0;
    });
  }

  #release(): void {
    this.#users -= 1;
    if (this.#users > 0) return;
    this.#sheets = [];
    this.#learning = undefined;
  }

  async #read(signal: AbortSignal): Promise<void> {
    let learnt = 0;
    for await (const page of this.#listing.pages(`${blobsPath}/`)) {
      signal.throwIfAborted();
      for (const sheet of sheetsOf(page)) {
        this.#sheets.push(sheet);
        learnt += sheet.sizes.length;
      }
      if (learnt >= this.#most) return;
    }
  }
}

/** Digests of one algorithm come one after the other, and in their order. */
function sheetsOf(page: readonly ListedFile[]): readonly Sheet[] {
  const found = new Map<string, { readonly digests: Buffer[]; readonly sizes: number[] }>();
  for (const { path, size } of page) {
    const digest = digestAt(path);
    if (digest === undefined) continue;
    const { digests, sizes } = found.get(digest.algorithm) ?? { digests: [], sizes: [] };
    digests.push(Buffer.from(digest.hex, 'hex'));
    sizes.push(size);
    found.set(digest.algorithm, { digests, sizes });
  }
  return [...found].map(([algorithm, { digests, sizes }]) => ({
    algorithm,
    digests: Buffer.concat(digests),
    sizes: Float64Array.from(sizes),
  }));
}

/** Of the bytes of a blob; undefined for whatever else lies there. */
function digestAt(path: string): Digest | undefined {
  const [algorithm = '', prefix = '', hex = '', leaf, ...more] = path.slice(blobsPath.length + 1).split('/');
  if (leaf !== 'data' || more.length > 0 || !isDigestAlgorithm(algorithm) || !hex.startsWith(prefix)) {
    return undefined;
  }
  return prefix.length === 2 ? parseDigest(`${algorithm}:${hex}`) : undefined;
}

function compareAt({ digests, sizes }: Sheet, index: number, wanted: Buffer): number {
  const length = digests.length / sizes.length;
  return digests.compare(wanted, 0, wanted.length, index * length, (index + 1) * length);
}

/** The last of `count` for which it holds, if it holds for all before it; -1 when it holds for none. */
function lastUpTo(count: number, holds: (index: number) => boolean): number {
  let low = -1;
  for (let high = count; high - low > 1;) {
    const middle = (low + high) >> 1;
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return low;
}
