import { keyOfName, type LinkedName } from '../../domain/repository/linked-name.js';
import type { Digest } from '../../domain/content/digest.js';
import type { RepositoryName } from '../../domain/repository/repository-name.js';
import type { CopiedName, CopyTarget } from '../ports/storage/copy-target.js';
import type { Found, StoredRepository, StoredTree } from '../ports/storage/stored-tree.js';
import type { TagHistory } from '../ports/storage/tag-history.js';
import type { CopyPass } from './copy-pass.js';
import { damageOfFault } from './damage-of-fault.js';
import { mapInOrder } from './map-in-order.js';
import { namesInTree, type NameInTree } from './names-in-tree.js';

/** Small files that are written at once. */
const IN_FLIGHT = 16;
/** Links that are made durable together. */
const FLUSHED = 500;

export interface NameCopyRequest {
  readonly repository: RepositoryName;
  /** Lets every tag name what it names in the source. */
  readonly moveTags: boolean;
  /** Also makes durable what is there already. */
  readonly flushAll: boolean;
  readonly signal: AbortSignal;
}

/**
 * Copies the names of a repository. Nothing that the target has is taken away: a name that the source has no more is
 * told, since nobody can say whether it went there or was never copied from it. For the same reason a tag moves only
 * away from what it has named in the source as well.
 */
export class NameCopy {
  readonly #source: StoredTree;
  readonly #history: TagHistory;
  readonly #target: StoredTree;
  readonly #links: CopyTarget;

  constructor(
    source: { readonly tree: StoredTree; readonly history: TagHistory },
    target: { readonly tree: StoredTree; readonly copy: CopyTarget },
  ) {
    this.#source = source.tree;
    this.#history = source.history;
    this.#target = target.tree;
    this.#links = target.copy;
  }

  /**
   * Manifests and blobs first: a tag never names what is not there yet. When it resolves, what it wrote survives a power
   * loss.
   * @throws StorageFault of either side, unless it concerns one path of the source; the signal's reason
   */
  async copy(request: NameCopyRequest, pass: CopyPass): Promise<void> {
    const name = request.repository.toString();
    const sides = { source: this.#source.repository(name), target: this.#target.repository(name) };
    for (const kind of ['revision', 'layer', 'tag'] as const) {
      await this.#copyKind(kind, { ...request, ...sides }, pass);
    }
  }

  async #copyKind(kind: LinkedName['kind'], request: RepositoryCopy, pass: CopyPass): Promise<void> {
    const { repository, source, target, signal } = request;
    const there = await namesThere(namesInTree(target, repository, kind, signal));
    const copy = (found: Found<NameInTree>): Promise<CopiedName | undefined> =>
      this.#copyOne(found, there, request, pass);
    const names = namesInTree(source, repository, kind, signal);
    let written: CopiedName[] = [];
    for await (const name of mapInOrder(names, IN_FLIGHT, copy, signal)) {
      if (name !== undefined) written.push(name);
      if (written.length < FLUSHED) continue;
      await this.#links.flush(written);
      written = [];
    }
    if (written.length > 0) await this.#links.flush(written);
    for (const key of there.keys()) pass.extras.add(key);
  }

  /** What has to be made durable. Takes what it has seen from `there`. */
  async #copyOne(
    found: Found<NameInTree>,
    there: Map<string, Digest>,
    request: RepositoryCopy,
    pass: CopyPass,
  ): Promise<CopiedName | undefined> {
    if (found.kind === 'damaged') {
      pass.damages.add(found.damage);
      return undefined;
    }
    const { name, digest } = found.value;
    const key = keyOfName(name);
    const before = there.get(key);
    there.delete(key);
    if (before?.equals(digest)) {
      pass.progress.namesThere += 1;
      return request.flushAll ? { name, target: digest, declared: undefined } : undefined;
    }
    if (name.kind === 'tag' && before !== undefined && !(await this.#mayMove(name, before, request))) {
      const tag = `${name.repository.toString()}:${name.tag.toString()}`;
      pass.conflicts.add({ tag, source: digest, target: before });
      return undefined;
    }
    return this.#write(found.value, request.source, pass);
  }

  async #mayMove(
    name: LinkedName & { readonly kind: 'tag' },
    from: Digest,
    { moveTags }: NameCopyRequest,
  ): Promise<boolean> {
    return moveTags || this.#history.has(name.repository, name.tag, from);
  }

  async #write(
    { name, digest }: NameInTree,
    source: StoredRepository,
    pass: CopyPass,
  ): Promise<CopiedName | undefined> {
    const declared = await this.#declared(name, source, pass);
    // Without it the manifest would be served under another media type from now on, and never be copied again.
    if (declared === 'unreadable') return undefined;
    const copied = { name, target: digest, declared: declared.mediaType };
    await this.#links.link(copied);
    pass.copied += 1;
    pass.progress.namesCopied += 1;
    return copied;
  }

  async #declared(
    name: LinkedName,
    source: StoredRepository,
    pass: CopyPass,
  ): Promise<{ readonly mediaType: string | undefined } | 'unreadable'> {
    if (name.kind !== 'revision') return { mediaType: undefined };
    try {
      return { mediaType: await source.declaredMediaType(name.digest) };
    } catch (error) {
      pass.damages.add(damageOfFault(error, this.#source.pathOf(name), name.repository.toString()));
      return 'unreadable';
    }
  }
}

interface RepositoryCopy extends NameCopyRequest {
  readonly source: StoredRepository;
  readonly target: StoredRepository;
}

/** By their keys. What is damaged in the target counts as not there, so it is written anew. */
async function namesThere(names: AsyncIterable<Found<NameInTree>>): Promise<Map<string, Digest>> {
  const there = new Map<string, Digest>();
  for await (const found of names) {
    if (found.kind === 'found') there.set(keyOfName(found.value.name), found.value.digest);
  }
  return there;
}
