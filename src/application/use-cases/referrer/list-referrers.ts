import type { Digest } from '../../../domain/content/digest.js';
import { RegistryError } from '../../../domain/errors.js';
import { parseManifest } from '../../../domain/manifest/parse-manifest.js';
import { describeReferrer, type Referrer } from '../../../domain/referrer/referrer.js';
import type { StoredManifest } from '../../ports/metadata/manifest-index.js';
import type { ReferrerIndex, ReferrerPageRequest } from '../../ports/metadata/referrer-index.js';
import { nextTurn } from '../../services/next-turn.js';

const PIECE = 100;
/** Clients refuse lists above 4 MiB; a single referrer's annotations may make up most of a page. */
const PAGE_BYTES = 3 * 1024 * 1024;

export interface ReferrerList {
  readonly referrers: readonly Referrer[];
  /** Where the next page begins; undefined when there is none. */
  readonly next: Digest | undefined;
}

/** Lists the manifests whose subject is a digest, whether or not the repository has that (OCI end-12). */
export class ListReferrers {
  readonly #referrers: ReferrerIndex;

  constructor(referrers: ReferrerIndex) {
    this.#referrers = referrers;
  }

  /**
   * A page of at most about 3 MiB. That may be ten thousand of them: others are answered in between.
   * @param request after: the last referrer of the page before
   * @throws RegistryError PAGINATION_NUMBER_INVALID when that one is a referrer no more
   */
  async execute(request: Omit<ReferrerPageRequest, 'limit'>): Promise<ReferrerList> {
    const referrers: Referrer[] = [];
    const listed: Digest[] = [];
    let bytes = 0;
    for (;;) {
      const manifests = await this.#pieceBehind(request, listed);
      for (const stored of manifests) {
        const referrer = describeReferrer(parseManifest(stored.bytes, stored.mediaType, stored.digest));
        const size = Buffer.byteLength(JSON.stringify(referrer));
        if (referrers.length > 0 && bytes + size > PAGE_BYTES) return { referrers, next: listed.at(-1) };
        referrers.push(referrer);
        listed.push(stored.digest);
        bytes += size;
      }
      if (manifests.length < PIECE) return { referrers, next: undefined };
      await nextTurn();
    }
  }

  /** Behind the last one that is still a referrer: what is listed already may go meanwhile. */
  async #pieceBehind(
    request: Omit<ReferrerPageRequest, 'limit'>,
    listed: readonly Digest[],
  ): Promise<readonly StoredManifest[]> {
    for (let at = listed.length - 1; ; at--) {
      const after = listed[at] ?? request.after;
      const manifests = await this.#referrers.page({ ...request, after, limit: PIECE });
      if (manifests !== undefined) return manifests;
      if (at < 0) throw lostPlace(after);
    }
  }
}

function lostPlace(after: Digest | undefined): RegistryError {
  return new RegistryError(
    'PAGINATION_NUMBER_INVALID',
    'the referrer after which the page should begin is gone; begin again without "last"',
    { last: after?.toString() },
  );
}
