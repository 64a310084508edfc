import { ReferenceTree, type TreeDescriptor } from './reference-tree.js';

export interface TreeSize {
  readonly repositories: number;
  /** Over all repositories. */
  readonly tags: number;
  /** Files in the blob tree: layers, configurations and manifests. At least 6 for each repository and 16 more. */
  readonly blobs: number;
  /** Layers beside them, in each repository, that no manifest references. */
  readonly loose?: number;
}

/** What was written, counted by kind. */
export interface TreeCounts extends Omit<TreeSize, 'loose'> {
  readonly manifests: number;
  readonly revisions: number;
  readonly layerLinks: number;
}

const BASE_LAYERS = 15;
const LAYERS_OF_A_BASE = 3;
/** Manifest, configuration and a layer of its own. */
const BLOBS_OF_AN_IMAGE = 3;
/** The index of a repository; its artifact and that one's layer. */
const BLOBS_BESIDE_THE_IMAGES = 3;
const CREATED = '2023-11-14T22:13:20Z';

/**
 * Writes a tree as the reference registry would have left it, the same for the same size: base layers that all share,
 * several images in each repository, an index over them, an artifact with a subject, tags that moved, repositories
 * inside others. Blobs have some bytes each.
 */
export function generateTree(root: string, size: TreeSize): TreeCounts {
  return new LargeTree(root, size).write();
}

class LargeTree {
  readonly #tree: ReferenceTree;
  readonly #size: TreeSize;
  readonly #bases: readonly TreeDescriptor[];
  readonly #empty: TreeDescriptor;
  readonly #counts = { manifests: 0, revisions: 0, layerLinks: 0, tags: 0, blobs: BASE_LAYERS + 1 };

  constructor(root: string, size: TreeSize) {
    const least = size.repositories * (BLOBS_OF_AN_IMAGE + BLOBS_BESIDE_THE_IMAGES) + BASE_LAYERS + 1;
    if (size.blobs < least) throw new Error(`${size.repositories} repositories need ${least} blobs`);
    this.#tree = new ReferenceTree(root);
    this.#size = size;
    this.#bases = Array.from({ length: BASE_LAYERS }, (_, index) => this.#tree.blob(`base layer ${index}`));
    this.#empty = this.#tree.blob('{}', 'application/vnd.oci.empty.v1+json');
  }

  write(): TreeCounts {
    const { repositories, tags, blobs, loose = 0 } = this.#size;
    for (let index = 0; index < repositories; index += 1) {
      const left = repositories - index;
      this.#repository(
        index,
        Math.ceil((tags - this.#counts.tags) / left),
        Math.ceil((blobs + index * loose - this.#counts.blobs) / left),
      );
    }
    return { repositories, ...this.#counts };
  }

  #repository(index: number, tags: number, blobs: number): void {
    const name = nameOf(index);
    const images = Array.from(
      { length: Math.floor((blobs - BLOBS_BESIDE_THE_IMAGES) / BLOBS_OF_AN_IMAGE) },
      (_, image) => this.#image(name, index, image),
    );
    const { loose: extra = 0 } = this.#size;
    const list = this.#tree.index(name, images.slice(0, 3));
    const artifact = this.#artifact(name, images[0]);
    const loose = blobs - images.length * BLOBS_OF_AN_IMAGE - BLOBS_BESIDE_THE_IMAGES + extra;
    for (let layer = 0; layer < loose; layer += 1) {
      this.#tree.layerLink(name, this.#tree.blob(`loose layer ${layer} of ${name}`).digest);
    }
    this.#tags(name, tags, [...images, list, artifact]);
    const base = this.#basesOf(index).length;
    this.#counts.blobs += blobs + extra;
    this.#counts.manifests += images.length + 2;
    this.#counts.revisions += images.length + 2;
    this.#counts.layerLinks += base + images.length * 2 + loose + 2;
  }

  #image(name: string, index: number, image: number): TreeDescriptor {
    const layer = this.#tree.blob(`layer of image ${image} of ${name}`);
    const config = this.#tree.config({
      created: CREATED,
      architecture: 'amd64',
      os: 'linux',
      config: { Labels: { 'org.opencontainers.image.title': name, build: String(image) } },
      rootfs: { type: 'layers', diff_ids: [layer.digest] },
    });
    return this.#tree.image(name, { config, layers: [...this.#basesOf(index), layer] });
  }

  #artifact(name: string, subject: TreeDescriptor | undefined): TreeDescriptor {
    if (subject === undefined) throw new Error('a repository has an image');
    const layers = [this.#tree.blob(`{"sbom":"${name}"}`, 'application/vnd.example.sbom.v1+json')];
    return this.#tree.image(name, { config: this.#empty, layers, subject, artifactType: 'example/sbom' });
  }

  /** Every third tag has named another manifest before. */
  #tags(name: string, tags: number, manifests: readonly TreeDescriptor[]): void {
    for (let tag = 0; tag < tags; tag += 1) {
      const version = `${Math.floor(tag / 10)}.${tag % 10}`;
      if (tag % 3 === 0) this.#tree.tag(name, version, digestAt(manifests, tag + 1));
      this.#tree.tag(name, version, digestAt(manifests, tag));
    }
    this.#counts.tags += tags;
  }

  #basesOf(index: number): readonly TreeDescriptor[] {
    const first = (index * LAYERS_OF_A_BASE) % BASE_LAYERS;
    return this.#bases.slice(first, first + LAYERS_OF_A_BASE);
  }
}

/** Every tenth lies inside the one before it, and every tenth has a name that sorts between the two. */
function nameOf(index: number): string {
  const team = `team-${String(Math.floor(index / 100)).padStart(3, '0')}`;
  const app = (number: number): string => `app${String(number % 100).padStart(2, '0')}`;
  if (index % 10 === 1) return `${team}/${app(index - 1)}/worker`;
  if (index % 10 === 2) return `${team}/${app(index - 2)}-tools`;
  return `${team}/${app(index)}`;
}

function digestAt(manifests: readonly TreeDescriptor[], index: number): string {
  const { digest } = manifests[index % manifests.length] ?? {};
  if (digest === undefined) throw new Error('a repository has manifests');
  return digest;
}
