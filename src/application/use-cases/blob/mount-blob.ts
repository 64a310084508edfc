import type { Digest } from '../../../domain/content/digest.js';
import type { Repository } from '../../../domain/repository/repository.js';
import type { BlobIndex } from '../../ports/metadata/blob-index.js';
import type { Clock } from '../../ports/system/clock.js';
import type { RequestContext } from '../../request-context.js';
import type { EventAnnouncer } from '../../services/event-announcer.js';
import type { NamePublisher } from '../../services/name-publisher.js';
import type { TreeComparison } from '../../services/tree-comparison.js';

/** Gives a repository a blob that another one has, without an upload (OCI end-11). */
export class MountBlob {
  readonly #blobs: BlobIndex;
  readonly #names: NamePublisher;
  readonly #comparison: TreeComparison;
  readonly #clock: Clock;
  readonly #announcer: EventAnnouncer;

  constructor(
    blobs: BlobIndex,
    names: NamePublisher,
    comparison: TreeComparison,
    clock: Clock,
    announcer: EventAnnouncer,
  ) {
    this.#blobs = blobs;
    this.#names = names;
    this.#comparison = comparison;
    this.#clock = clock;
    this.#announcer = announcer;
  }

  /**
   * False when it can not be mounted; the client then uploads. No reason is given: it must not learn what repositories
   * hold that it may not read.
   */
  async execute(
    request: { repository: Repository; digest: Digest; from: string | undefined },
    context: RequestContext,
  ): Promise<boolean> {
    const { repository, digest } = request;
    const source = repository.mountSource(request.from);
    if (source === undefined) return false;
    const { principal } = context;
    const mayUse = (name: string): boolean => principal.may({ type: 'repository', name, action: 'pull' });
    if (source !== 'anywhere' && !mayUse(source.toString())) return false;
    await (source === 'anywhere' ? this.#comparison.beforeAll() : this.#comparison.before(source.toString()));
    const now = this.#clock.now();
    const target = repository.name;
    const tell = this.#announcer.blobMounted(target, digest, context);
    const changes = await this.#blobs.mount({ digest, source, mayUse, target, now, ...(tell && { tell }) });
    if (changes !== undefined) await this.#names.publish(changes);
    return changes !== undefined;
  }
}
