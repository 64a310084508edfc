import type { Digest } from '../../../domain/content/digest.js';
import { RegistryError } from '../../../domain/errors.js';
import { parseManifest } from '../../../domain/manifest/parse-manifest.js';
import { describeReferrer, type Referrer } from '../../../domain/referrer/referrer.js';
import type { RepositoryName } from '../../../domain/repository/repository-name.js';
import type { ReferrerIndex } from '../../ports/metadata/referrer-index.js';

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
   * A page of at most about 3 MiB.
   * @param request.after the last referrer of the page before
   * @throws RegistryError PAGINATION_NUMBER_INVALID when that one is a referrer no more
   */
  async execute(request: {
    repository: RepositoryName;
    subject: Digest;
    artifactTypes: readonly string[];
    after: Digest | undefined;
  }): Promise<ReferrerList> {
    const referrers: Referrer[] = [];
    let bytes = 0;
    let after = request.after;
    for (;;) {
      const manifests = await this.#referrers.page({ ...request, after, limit: PIECE });
      if (manifests === undefined) throw lostPlace(after);
      for (const stored of manifests) {
        const referrer = describeReferrer(parseManifest(stored.bytes, stored.mediaType, stored.digest));
        const size = Buffer.byteLength(JSON.stringify(referrer));
        if (referrers.length > 0 && bytes + size > PAGE_BYTES) return { referrers, next: after };
        referrers.push(referrer);
        bytes += size;
        after = stored.digest;
      }
      if (manifests.length < PIECE) return { referrers, next: undefined };
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
