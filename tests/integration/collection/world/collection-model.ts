import type { Manifest } from '../../../../src/domain/manifest/manifest.js';

export interface ModelManifest {
  readonly manifest: Manifest;
  /** What it references, but for what was a manifest when it came: that is held as such. */
  readonly blobs: ReadonlySet<string>;
  /** When something that kept it was last taken away, or it came without a tag. */
  looseSince: number;
}

export interface ModelRepository {
  /** Digest to the moment until which a client was told that it is there. */
  readonly links: Map<string, number>;
  readonly manifests: Map<string, ModelManifest>;
  readonly tags: Map<string, string>;
}

export interface ModelRules {
  /** Milliseconds. */
  readonly grace: number;
  /** A run waits for less than the grace: nobody who was told that a blob exists may count on it. */
  readonly shortened: boolean;
  /** Manifests may be pushed without what they reference. */
  readonly sparse: boolean;
  /** The database keeps small blobs until the storage has them durably. */
  readonly waiting: boolean;
}

/** Before every grace. */
const NEVER = -Infinity;

/**
 * What the registry has to keep, by what clients did and nothing else. It follows the transactions in their order, and
 * notes as a violation what collection takes although it is needed.
 */
export class CollectionModel {
  readonly repositories = new Map<string, ModelRepository>();
  readonly violations: string[] = [];
  /** Digests, and repositories, of which collection may take nothing. */
  readonly untouchable = new Set<string>();
  /** Names whose links a replay left as they are, because another registry may have written them. */
  readonly leftInTree = new Set<string>();
  readonly rules: ModelRules;
  readonly #now: () => number;

  constructor(rules: ModelRules, now: () => number) {
    this.rules = rules;
    this.#now = now;
  }

  of(name: string): ModelRepository {
    const known = this.repositories.get(name);
    if (known !== undefined) return known;
    const made: ModelRepository = { links: new Map(), manifests: new Map(), tags: new Map() };
    this.repositories.set(name, made);
    return made;
  }

  /** A client was told that the repository has the blob. */
  promise(name: string, digest: string, since: number): void {
    const { links } = this.of(name);
    links.set(digest, Math.max(links.get(digest) ?? 0, since + this.rules.grace));
  }

  unlinkedByClient(name: string, digest: string): void {
    this.of(name).links.delete(digest);
  }

  put(name: string, manifest: Manifest, tags: readonly string[], now: number): void {
    const repository = this.of(name);
    const digest = manifest.digest.toString();
    const blobs = new Set(repository.manifests.get(digest)?.blobs);
    for (const { digestText } of manifest.references) {
      if (manifest.content.kind === 'image' || !repository.manifests.has(digestText)) blobs.add(digestText);
    }
    const isTagged = tags.length > 0 || [...repository.tags.values()].includes(digest);
    repository.manifests.set(digest, { manifest, blobs, looseSince: isTagged ? NEVER : now });
    for (const tag of tags) {
      if (repository.tags.get(tag) === digest) continue;
      loosen(repository, repository.tags.get(tag), now);
      repository.tags.set(tag, digest);
    }
  }

  deleteTag(name: string, tag: string, now: number): void {
    const repository = this.of(name);
    loosen(repository, repository.tags.get(tag), now);
    repository.tags.delete(tag);
  }

  delete(name: string, digest: string, now: number): void {
    const repository = this.of(name);
    const gone = repository.manifests.get(digest);
    for (const [tag, target] of repository.tags) if (target === digest) repository.tags.delete(tag);
    repository.manifests.delete(digest);
    if (gone === undefined) return;
    for (const { digestText } of gone.manifest.references) {
      const wasMissing = this.rules.sparse && gone.blobs.has(digestText);
      // It may have come since, without anybody having noted that this one names it.
      if (wasMissing) continue;
      loosen(repository, digestText, now);
      if (gone.blobs.has(digestText) && repository.links.has(digestText)) this.promise(name, digestText, now);
    }
  }

  /** A push was refused since the repository lacks these. */
  missing(name: string, digests: readonly string[]): void {
    if (this.rules.shortened) return;
    for (const digest of digests) {
      const until = this.of(name).links.get(digest) ?? 0;
      if (until > this.#now())
        this.#violated(`${name} lacks ${digest}, which was promised for another ${until - this.#now()} ms`);
    }
  }

  /** Collection has taken a link out. */
  collectLink(name: string, digest: string): void {
    const { links } = this.of(name);
    const until = links.get(digest) ?? 0;
    if (this.isReferenced(name, digest))
      this.#violated(`the link of ${digest} in ${name} went, which a manifest references`);
    if (!this.rules.shortened && until > this.#now()) {
      this.#violated(`the link of ${digest} in ${name} went ${until - this.#now()} ms too early`);
    }
    if (this.untouchable.has(name) || this.untouchable.has(digest))
      this.#violated(`the link of ${digest} in ${name} went unasked`);
    links.delete(digest);
  }

  /** Collection has taken manifests out that no tag reaches, all of them at once. */
  collectManifests(name: string, digests: readonly string[], now: number): void {
    const repository = this.of(name);
    for (const digest of digests) {
      if (this.isKept(repository, digest))
        this.#violated(`the manifest ${digest} of ${name} went, which is kept`);
      if (this.untouchable.has(name)) this.#violated(`the manifest ${digest} of ${name} went unasked`);
    }
    for (const digest of digests) this.delete(name, digest, now);
  }

  /** Collection has condemned a content. */
  condemn(digest: string): void {
    if (this.untouchable.has(digest)) this.#violated(`${digest} was condemned unasked`);
    for (const [name, { links, manifests }] of this.repositories) {
      if (links.has(digest) || manifests.has(digest))
        this.#violated(`${digest} was condemned, which ${name} has`);
    }
  }

  isReferenced(name: string, digest: string): boolean {
    return [...this.of(name).manifests.values()].some(({ blobs }) => blobs.has(digest));
  }

  /** Whether any manifest of the repository names it, as whatever. */
  isNamed(name: string, digest: string): boolean {
    return [...this.of(name).manifests.values()].some(({ manifest }) =>
      manifest.references.some(({ digestText }) => digestText === digest),
    );
  }

  /** Whether a tag or something young reaches it, by indexes that list it and by its subject. */
  isKept(repository: ModelRepository, digest: string): boolean {
    const { grace, shortened } = this.rules;
    const tagged = new Set(repository.tags.values());
    const visited = new Set<string>();
    const ahead = [digest];
    for (let at = ahead.pop(); at !== undefined; at = ahead.pop()) {
      const known = repository.manifests.get(at);
      if (known === undefined || visited.has(at)) continue;
      visited.add(at);
      if (tagged.has(at) || (!shortened && known.looseSince + grace > this.#now())) return true;
      const { subject } = known.manifest;
      if (subject !== undefined) ahead.push(subject.digestText);
      for (const [parent, { manifest }] of repository.manifests) {
        const lists = manifest.references.some(({ digestText }) => digestText === at);
        if (lists) ahead.push(parent);
      }
    }
    return false;
  }

  #violated(text: string): void {
    this.violations.push(text);
  }
}

function loosen(repository: ModelRepository, digest: string | undefined, now: number): void {
  const known = digest === undefined ? undefined : repository.manifests.get(digest);
  if (known !== undefined) known.looseSince = Math.max(known.looseSince, now);
}
