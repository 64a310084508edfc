import type { DeleteManifest } from '../../../application/use-cases/manifest/delete-manifest.js';
import type { PullManifest } from '../../../application/use-cases/manifest/pull-manifest.js';
import type { PushManifest } from '../../../application/use-cases/manifest/push-manifest.js';
import type { StatManifest } from '../../../application/use-cases/manifest/stat-manifest.js';
import type { DeleteTag } from '../../../application/use-cases/tag/delete-tag.js';
import type { PullEvents } from '../../../application/services/pull-events.js';
import { Digest } from '../../../domain/content/digest.js';
import { ManifestTooLarge, ManifestUnknown } from '../../../domain/manifest/manifest-errors.js';
import { parseReference, type Reference } from '../../../domain/manifest/reference.js';
import { Repository } from '../../../domain/repository/repository.js';
import { RepositoryName } from '../../../domain/repository/repository-name.js';
import { TagName } from '../../../domain/tag/tag-name.js';
import type { Exchange } from '../exchange.js';
import { entityTag, isNotModified } from '../params/conditions.js';
import { manifestHeaders } from '../presenters/manifest-headers.js';
import type { Target } from '../routes/parse-target.js';

/** 4 MiB: the specification asks for at least 4 MB, and clients read no more. */
const MAX_MANIFEST = 4 * 1024 * 1024;

/** `/v2/<name>/manifests/<reference>` (OCI end-3, end-7, end-9). */
export class ManifestController {
  readonly #pull: PullManifest;
  readonly #stat: StatManifest;
  readonly #push: PushManifest;
  readonly #deleteManifest: DeleteManifest;
  readonly #deleteTag: DeleteTag;
  readonly #pulls: PullEvents;

  constructor(
    pull: PullManifest,
    stat: StatManifest,
    push: PushManifest,
    deleteManifest: DeleteManifest,
    deleteTag: DeleteTag,
    pulls: PullEvents,
  ) {
    this.#pull = pull;
    this.#stat = stat;
    this.#push = push;
    this.#deleteManifest = deleteManifest;
    this.#deleteTag = deleteTag;
    this.#pulls = pulls;
  }

  async get(exchange: Exchange, target: Target): Promise<void> {
    const request = readable(target);
    const manifest = await this.#pull.execute(request);
    if (isNotModified(exchange.req.headers['if-none-match'], manifest.digest.toString())) {
      exchange.answer(304, manifestHeaders(manifest));
      return;
    }
    exchange.answer(200, manifestHeaders(manifest), manifest.bytes);
    await this.#pulls.manifestPulled(request.repository, request.reference, manifest, exchange);
  }

  async head(exchange: Exchange, target: Target): Promise<void> {
    const request = readable(target);
    const entry = await this.#stat.execute(request);
    if (isNotModified(exchange.req.headers['if-none-match'], entry.digest.toString())) {
      exchange.answer(304, manifestHeaders(entry));
      return;
    }
    exchange.answerHead(200, manifestHeaders(entry), entry.size);
    await this.#pulls.manifestPulled(request.repository, request.reference, entry, exchange);
  }

  async put(exchange: Exchange, target: Target): Promise<void> {
    const repository = new Repository(RepositoryName.parse(target.name));
    const reference = parseReference(target.tail);
    const bytes = await exchange.body.read(MAX_MANIFEST, () => new ManifestTooLarge(MAX_MANIFEST));
    const tagParameters = exchange.query.getAll('tag');
    const contentType = exchange.req.headers['content-type'];
    const { manifest, tags } = await this.#push.execute(
      { repository, reference, tagParameters, contentType, bytes },
      exchange,
    );
    const digest = manifest.digest;
    const subject = manifest.subject?.digestText;
    exchange.answer(201, [
      'Location',
      exchange.locations.manifest(repository.name, digest),
      'Docker-Content-Digest',
      digest.toString(),
      'ETag',
      entityTag(digest.toString()),
      ...(subject === undefined ? [] : ['OCI-Subject', subject]),
      ...(reference instanceof Digest && tags.length > 0 ? ['OCI-Tag', tags.join(', ')] : []),
    ]);
  }

  async delete(exchange: Exchange, target: Target): Promise<void> {
    const repository = RepositoryName.parseExisting(target.name);
    const reference = parseReference(target.tail);
    if (reference instanceof Digest) {
      await this.#deleteManifest.execute({ repository, digest: reference }, exchange);
    } else {
      await this.#deleteTag.execute({ repository, tag: reference }, exchange);
    }
    exchange.answer(202, []);
  }
}

/** A text that can be no tag names no manifest, so a reader gets 404 and not a lesson in grammar. */
function readable(target: Target): { repository: RepositoryName; reference: Reference } {
  const repository = RepositoryName.parseExisting(target.name);
  const { tail } = target;
  if (!tail.includes(':') && !TagName.isValid(tail)) throw new ManifestUnknown(target.name, tail);
  return { repository, reference: parseReference(tail) };
}
