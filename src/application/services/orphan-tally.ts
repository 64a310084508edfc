import type { Digest } from '../../domain/content/digest.js';
import type { TreeDamage } from '../ports/storage/stored-tree.js';

/** So many of each kind are told with their paths. */
const NAMED = 20;

export interface Amount {
  readonly count: number;
  /** Bytes. */
  readonly bytes: number;
}

/** The first of many. */
export interface Listed<T> {
  readonly count: number;
  readonly first: readonly T[];
}

/** Bytes that no row knew, and a link or manifest that names them. */
export interface NamedOrphan {
  readonly digest: Digest;
  /** Of the link, below the root. */
  readonly path: string;
  /** As it is called in the tree. */
  readonly repository: string;
}

/** How far a scan has come. */
export interface OrphanProgress {
  readonly phase: 'blobs' | 'names' | 'uploads';
  /** Blobs of the tree that were looked at. */
  readonly blobs: number;
  /** Links and manifests that were read to find out what they name. */
  readonly names: number;
  /** Bytes that no row knows and that are old enough: how many of them, and how large. */
  readonly candidates: Amount;
}

export interface OrphanReport {
  /** Whether it went on where an earlier one was ended; blobs that one had looked at are not counted again. */
  readonly resumed: boolean;
  readonly blobs: number;
  /** Handed to collection. In a dry run: those that would be. */
  readonly registered: Amount;
  /** Kept: younger than the grace, or changed since the scan began. */
  readonly young: Amount;
  /** Kept: something in the tree names them, so the database is behind the tree. */
  readonly named: Listed<NamedOrphan> & {
    readonly bytes: number;
    /** Of them, those that the database has taken in. The rest can not be served as it is. */
    readonly adopted: number;
  };
  /** Kept: as long as something is hidden, nobody knows whether it names them. */
  readonly undecided: Amount;
  /** What could not be looked into. Nothing was registered after the first. */
  readonly hidden: Listed<TreeDamage>;
  /** Half-written files that were removed, with their paths. In a dry run: those that would be. */
  readonly leftovers: Listed<string> & { readonly bytes: number };
  /** Folders of uploads that no row knows and that were removed. In a dry run: those that would be. */
  readonly uploads: Amount;
  /** The same, kept because they are not old enough. */
  readonly youngUploads: Amount;
  /** What lies in the tree and is nothing, or can not be read. It is left as it is. */
  readonly damaged: Listed<TreeDamage>;
}

export type OrphanObserver = (progress: OrphanProgress) => void;

class Sum implements Amount {
  count = 0;
  bytes = 0;

  add(bytes: number): void {
    this.count += 1;
    this.bytes += bytes;
  }
}

class List<T> extends Sum implements Listed<T> {
  readonly first: T[] = [];

  put(item: T, bytes = 0): void {
    this.add(bytes);
    if (this.first.length < NAMED) this.first.push(item);
  }
}

/** What a scan has found, counted while it goes on. */
export class OrphanTally {
  readonly candidates = new Sum();
  readonly registered = new Sum();
  readonly young = new Sum();
  readonly named = new List<NamedOrphan>();
  readonly undecided = new Sum();
  readonly hidden = new List<TreeDamage>();
  readonly leftovers = new List<string>();
  readonly uploads = new Sum();
  readonly youngUploads = new Sum();
  readonly damaged = new List<TreeDamage>();
  adopted = 0;
  resumed = false;
  readonly #observe: OrphanObserver;
  #phase: OrphanProgress['phase'] = 'blobs';
  #blobs = 0;
  #names = 0;

  constructor(observe: OrphanObserver) {
    this.#observe = observe;
  }

  enter(phase: OrphanProgress['phase']): void {
    this.#phase = phase;
    this.#tell();
  }

  looked(blobs: number): void {
    this.#blobs += blobs;
    this.#tell();
  }

  read(): void {
    this.#names += 1;
    this.#tell();
  }

  get report(): OrphanReport {
    const { resumed, registered, young, undecided, uploads, youngUploads } = this;
    const { hidden, leftovers, damaged, named } = this;
    return {
      resumed,
      blobs: this.#blobs,
      registered: amount(registered),
      young: amount(young),
      named: { ...listed(named), bytes: named.bytes, adopted: this.adopted },
      undecided: amount(undecided),
      hidden: listed(hidden),
      leftovers: { ...listed(leftovers), bytes: leftovers.bytes },
      uploads: amount(uploads),
      youngUploads: amount(youngUploads),
      damaged: listed(damaged),
    };
  }

  #tell(): void {
    const candidates = amount(this.candidates);
    this.#observe({ phase: this.#phase, blobs: this.#blobs, names: this.#names, candidates });
  }
}

function amount({ count, bytes }: Amount): Amount {
  return { count, bytes };
}

function listed<T>({ count, first }: Listed<T>): Listed<T> {
  return { count, first: [...first] };
}
