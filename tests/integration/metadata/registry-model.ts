import type { Manifest } from '../../../src/domain/manifest/manifest.js';
import { blobOf } from '../../contract/metadata/metadata-actions.js';

interface ModelRepository {
  readonly blobs: Set<string>;
  /** Digest to what it holds: `blob <digest>` and `child <digest>`. */
  readonly manifests: Map<string, Set<string>>;
  readonly tags: Map<string, string>;
}

/** What the registry should say, by the rules of the protocol and nothing else: sets and maps of digests. */
export class RegistryModel {
  readonly #repositories = new Map<string, ModelRepository>();

  of(name: string): ModelRepository {
    const known = this.#repositories.get(name) ?? {
      blobs: new Set<string>(),
      manifests: new Map<string, Set<string>>(),
      tags: new Map<string, string>(),
    };
    this.#repositories.set(name, known);
    return known;
  }

  catalog(): readonly string[] {
    const populated = [...this.#repositories].filter(
      ([, { blobs, manifests }]) => blobs.size + manifests.size > 0,
    );
    return populated.map(([name]) => name).toSorted();
  }

  push(name: string, content: string): void {
    this.of(name).blobs.add(blobOf(content).digest.toString());
  }

  mount(digest: string, source: string, target: string): boolean {
    const sources = source === 'anywhere' ? [...this.#repositories.values()] : [this.of(source)];
    if (!sources.some(({ blobs }) => blobs.has(digest))) return false;
    this.of(target).blobs.add(digest);
    return true;
  }

  unlink(name: string, digest: string): 'unlinked' | 'unknown' | 'referenced' {
    const { blobs, manifests } = this.of(name);
    if (!blobs.has(digest)) return 'unknown';
    if ([...manifests.values()].some((holds) => holds.has(`blob ${digest}`))) return 'referenced';
    blobs.delete(digest);
    return 'unlinked';
  }

  put(name: string, manifest: Manifest, tags: readonly string[], sparse: boolean): readonly string[] {
    const repository = this.of(name);
    const holds = new Set(repository.manifests.get(manifest.digest.toString()));
    const missing: string[] = [];
    for (const { digestText } of manifest.references) {
      if (manifest.content.kind === 'index' && repository.manifests.has(digestText)) {
        holds.add(`child ${digestText}`);
      } else if (repository.blobs.has(digestText)) holds.add(`blob ${digestText}`);
      else missing.push(digestText);
    }
    if (missing.length > 0 && !sparse) return missing;
    repository.manifests.set(manifest.digest.toString(), holds);
    for (const tag of tags) repository.tags.set(tag, manifest.digest.toString());
    return [];
  }

  delete(name: string, digest: string): 'deleted' | 'unknown' | 'listed' {
    const { manifests, tags } = this.of(name);
    if (!manifests.has(digest)) return 'unknown';
    if ([...manifests.values()].some((holds) => holds.has(`child ${digest}`))) return 'listed';
    manifests.delete(digest);
    for (const [tag, target] of tags) if (target === digest) tags.delete(tag);
    return 'deleted';
  }
}
