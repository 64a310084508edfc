import { Digest } from '../../domain/content/digest.js';
import type { LinkedName } from '../../domain/repository/linked-name.js';
import type { RepositoryName } from '../../domain/repository/repository-name.js';
import { TagName } from '../../domain/tag/tag-name.js';
import type { AdoptedRows, FoundBlob, MovedTags, TreeAdoption } from '../ports/metadata/tree-adoption.js';
import type {
  Found,
  StoredRepository,
  StoredTag,
  StoredTree,
  TreeDamage,
} from '../ports/storage/stored-tree.js';
import type { Clock } from '../ports/system/clock.js';
import { damageOfFault } from './damage-of-fault.js';
import { FindingsBatch } from './findings-batch.js';
import { KeptManifests } from './kept-manifests.js';
import { mapInOrder } from './map-in-order.js';
import { TextList } from './text-list.js';
import { readStoredManifest, type ReadManifest } from './read-stored-manifest.js';

/** Files of one repository that are looked at at once. */
const IN_FLIGHT = 32;

/** What the adoption of a repository tells while it goes on. */
export interface AdoptionListener {
  added(rows: AdoptedRows): void;
  damaged(damage: TreeDamage): void;
}

/** A repository that is being taken over. */
interface Scan {
  readonly repository: RepositoryName;
  readonly stored: StoredRepository;
  readonly batch: FindingsBatch;
  /** Manifests that lacked something when they were last written. */
  readonly incomplete: Set<string>;
  /** Paths of what cannot be understood. */
  readonly unreadable: Set<string>;
  /** Indexes that were read, as far as they are kept until what they list is written. */
  readonly kept: KeptManifests;
  readonly listener: AdoptionListener;
  readonly signal: AbortSignal;
}

/**
 * Takes over what the tree says of one repository. Reads against the order in which the reference registry writes: tags
 * first, bytes last, so that what a tag names is found although somebody pushes meanwhile. Only then it is written, in
 * the order that the database asks for.
 */
export class RepositoryAdoption {
  readonly #tree: StoredTree;
  readonly #adoption: TreeAdoption;
  readonly #clock: Clock;

  constructor(tree: StoredTree, adoption: TreeAdoption, clock: Clock) {
    this.#tree = tree;
    this.#adoption = adoption;
    this.#clock = clock;
  }

  /**
   * May be repeated, whatever an earlier attempt has written.
   * @param movedTags what becomes of tags that the database points elsewhere
   */
  async adopt(
    repository: RepositoryName,
    listener: AdoptionListener,
    signal: AbortSignal,
    movedTags: MovedTags = 'keep',
  ): Promise<void> {
    const batch = new FindingsBatch(repository, movedTags);
    const stored = this.#tree.repository(repository.toString());
    const found = { incomplete: new Set<string>(), unreadable: new Set<string>(), kept: new KeptManifests() };
    const scan: Scan = { repository, stored, batch, ...found, listener, signal };
    const tags = await this.#collect(scan, stored.tags(signal), tagAsText);
    const revisions = await this.#collect(scan, stored.revisions(signal), String);
    await this.#addLayers(scan);
    const indexes = await this.#addImages(scan, revisions);
    await this.#addIndexes(scan, indexes);
    for (const text of tags) {
      batch.addTag(tagFromText(text));
      if (batch.isFull) await this.#write(scan);
    }
    await this.#write(scan);
    await this.#adoption.keepUnreadable(repository, scan.unreadable);
    for (const text of scan.incomplete) {
      const revision = { kind: 'revision', repository, digest: Digest.parse(text) } as const;
      this.#tell(scan, revision, 'names a manifest that references what the repository lacks');
    }
  }

  async #collect<T>(
    scan: Scan,
    list: AsyncIterable<Found<T>>,
    toText: (value: T) => string,
  ): Promise<TextList> {
    const texts = new TextList();
    for await (const found of list) {
      if (found.kind === 'found') texts.push(toText(found.value));
      else this.#unreadable(scan, found.damage);
    }
    return texts;
  }

  async #addLayers(scan: Scan): Promise<void> {
    const { stored, batch, signal } = scan;
    const layers = stored.layers(signal);
    const look = (found: Found<Digest>): Promise<FoundBlob | TreeDamage | 'absent'> =>
      this.#look(scan, found);
    for await (const blob of mapInOrder(layers, IN_FLIGHT, look, signal)) {
      if (blob === 'absent') continue;
      if ('reason' in blob) this.#unreadable(scan, blob);
      else batch.addBlob(blob);
      if (batch.isFull) await this.#write(scan);
    }
  }

  async #look(scan: Scan, found: Found<Digest>): Promise<FoundBlob | TreeDamage | 'absent'> {
    if (found.kind === 'damaged') return found.damage;
    const digest = found.value;
    const name = { kind: 'layer', repository: scan.repository, digest } as const;
    try {
      const size = await this.#tree.blobSize(digest);
      if (size !== undefined) return { digest, size };
      this.#tell(scan, name, 'names a blob that is not there');
      return 'absent';
    } catch (error) {
      return damageOfFault(error, this.#tree.pathOf(name), scan.repository.toString());
    }
  }

  /** @returns the digests of the indexes, which have to wait for what they list */
  async #addImages(scan: Scan, revisions: TextList): Promise<TextList> {
    const indexes = new TextList();
    for await (const read of this.#readAll(scan, revisions)) {
      if ('reason' in read) this.#unreadable(scan, read);
      else if (read.manifest.content?.content.kind === 'index') {
        indexes.push(read.manifest.digest.toString());
        scan.kept.put(read);
      } else await this.#addManifest(scan, read);
    }
    return indexes;
  }

  /** Those that were not kept are read again: all of them may be more than fits. Indexes may list one another. */
  async #addIndexes(scan: Scan, indexes: TextList): Promise<void> {
    const before = scan.batch.taken;
    const pass = async (): Promise<void> => {
      for await (const read of this.#readAll(scan, indexes)) {
        if (!('reason' in read)) await this.#addManifest(scan, read);
      }
    };
    await pass();
    if (scan.batch.taken === before) return;
    // Some were written before what they list: only now all are there.
    await this.#write(scan);
    await pass();
  }

  async *#readAll(scan: Scan, digests: TextList): AsyncIterable<ReadManifest | TreeDamage> {
    const read = async (text: string): Promise<ReadManifest | TreeDamage> =>
      scan.kept.get(text) ?? readStoredManifest(this.#tree, scan.repository, Digest.parse(text), scan.stored);
    yield* mapInOrder(digests, IN_FLIGHT, read, scan.signal);
  }

  async #addManifest(scan: Scan, { manifest, damage }: ReadManifest): Promise<void> {
    if (damage !== undefined) this.#unreadable(scan, damage);
    scan.batch.addManifest(manifest);
    if (scan.batch.isFull) await this.#write(scan);
  }

  async #write(scan: Scan): Promise<void> {
    const { repository, batch, listener, signal } = scan;
    signal.throwIfAborted();
    const findings = batch.take();
    if (findings === undefined) return;
    const { rows, dangling, incomplete } = await this.#adoption.add(findings, this.#clock.now());
    listener.added(rows);
    for (const tag of dangling) {
      const name = { kind: 'tag', repository, tag: TagName.parse(tag.name) } as const;
      this.#tell(scan, name, 'names a manifest that the repository does not have');
    }
    for (const { digest } of findings.manifests) scan.incomplete.delete(digest.toString());
    for (const digest of incomplete) scan.incomplete.add(digest.toString());
  }

  /** What cannot be understood keeps everything that the repository links. */
  #unreadable({ batch, unreadable, listener }: Scan, damage: TreeDamage): void {
    batch.addUnreadable(damage);
    unreadable.add(damage.path);
    listener.damaged(damage);
  }

  #tell({ repository, listener }: Scan, name: LinkedName, reason: string): void {
    listener.damaged({ path: this.#tree.pathOf(name), repository: repository.toString(), reason });
  }
}

function tagAsText({ name, digest }: StoredTag): string {
  return `${digest.toString()} ${name}`;
}

function tagFromText(text: string): StoredTag {
  const [digest = '', name = ''] = text.split(' ');
  return { name, digest: Digest.parse(digest) };
}
