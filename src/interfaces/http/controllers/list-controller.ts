import type { ListReferrers } from '../../../application/use-cases/referrer/list-referrers.js';
import type { ListRepositories } from '../../../application/use-cases/repository/list-repositories.js';
import type { ListTags } from '../../../application/use-cases/tag/list-tags.js';
import { Digest } from '../../../domain/content/digest.js';
import { MEDIA_TYPES } from '../../../domain/content/media-type.js';
import type { TreeComparison } from '../../../application/services/tree-comparison.js';
import { RepositoryName } from '../../../domain/repository/repository-name.js';
import type { Exchange } from '../exchange.js';
import { invalidCount, parsePagination } from '../params/pagination.js';
import { mediaTypeParameters } from '../params/query.js';
import { answerJson, answerTagPieces } from '../presenters/json-list.js';
import type { Locations } from '../presenters/locations.js';
import type { Target } from '../routes/parse-target.js';

/** The reference registry's page of a catalog when the client names no size. */
const DEFAULT_CATALOG_PAGE = 100;

/** Read anew for each list. */
export interface ListLimits {
  /** `catalog.maxentries`: a larger n is refused, as the reference does. */
  readonly maxCatalogEntries: number;
  /** `tags.maxtags`: a larger n gets this many and a Link. */
  readonly maxTags: number;
}

/** While the tree is still compared with the database (RFC 7234 5.5). */
const INCOMPLETE = ['Warning', '299 - "the list may lack repositories that were made by another program"'];

/** `/v2/_catalog`, `/v2/<name>/tags/list` (OCI end-8), `/v2/<name>/referrers/<digest>` (OCI end-12). */
export class ListController {
  readonly #tags: ListTags;
  readonly #repositories: ListRepositories;
  readonly #referrers: ListReferrers;
  readonly #comparison: TreeComparison;
  readonly #limits: ListLimits;

  constructor(
    tags: ListTags,
    repositories: ListRepositories,
    referrers: ListReferrers,
    comparison: TreeComparison,
    limits: ListLimits,
  ) {
    this.#tags = tags;
    this.#repositories = repositories;
    this.#referrers = referrers;
    this.#comparison = comparison;
    this.#limits = limits;
  }

  async tags(exchange: Exchange, target: Target): Promise<void> {
    const repository = RepositoryName.parseExisting(target.name);
    const asked = parsePagination(exchange.query);
    const limit = asked.limit === undefined ? undefined : Math.min(asked.limit, this.#limits.maxTags);
    const list = await this.#tags.execute({ repository, after: asked.after, limit });
    if (list.kind === 'all') {
      await answerTagPieces(exchange, target.name, list.pieces);
      return;
    }
    const last = list.more ? list.tags.at(-1) : undefined;
    const path = `/v2/${target.name}/tags/list`;
    answerJson(
      exchange,
      { name: target.name, tags: list.tags },
      linkTo(exchange.locations, path, last, limit),
    );
  }

  async catalog(exchange: Exchange): Promise<void> {
    const { limit: asked, after } = parsePagination(exchange.query);
    const max = this.#limits.maxCatalogEntries;
    if (asked !== undefined && asked > max) throw invalidCount(asked, `at most ${max}`);
    const limit = asked ?? Math.min(DEFAULT_CATALOG_PAGE, max);
    await this.#comparison.beforeAll();
    const { repositories, more } = await this.#repositories.execute({ after, limit });
    const last = more ? repositories.at(-1) : undefined;
    const incomplete = this.#comparison.ended ? [] : INCOMPLETE;
    answerJson(exchange, { repositories }, [
      ...linkTo(exchange.locations, '/v2/_catalog', last, limit),
      ...incomplete,
    ]);
  }

  async referrers(exchange: Exchange, target: Target): Promise<void> {
    const repository = RepositoryName.parseExisting(target.name);
    const subject = Digest.parse(target.tail);
    const artifactTypes = mediaTypeParameters(exchange.query, 'artifactType').filter((type) => type !== '');
    const last = exchange.query.get('last');
    const after = last === null ? undefined : Digest.parse(last);
    const list = await this.#referrers.execute({ repository, subject, artifactTypes, after });
    const index = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: list.referrers };
    const path = `/v2/${target.name}/referrers/${subject.toString()}`;
    const link = { artifactType: artifactTypes, last: list.next?.toString() ?? '' };
    exchange.answer(
      200,
      [
        'Content-Type',
        MEDIA_TYPES.ociIndex,
        ...(artifactTypes.length > 0 ? ['OCI-Filters-Applied', 'artifactType'] : []),
        ...(list.next === undefined ? [] : ['Link', exchange.locations.nextLink(path, link)]),
      ],
      Buffer.from(JSON.stringify(index)),
    );
  }
}

function linkTo(
  locations: Locations,
  path: string,
  last: string | undefined,
  limit: number | undefined,
): readonly string[] {
  if (last === undefined || limit === undefined) return [];
  return ['Link', locations.nextLink(path, { last, n: String(limit) })];
}
