/** What a call changed. It is found after a power loss for certain only once `on` has been synced since. */
export interface Effect {
  /** The file or directory that was changed. */
  readonly on: number;
  readonly change:
    | { readonly kind: 'name'; readonly name: string; readonly to: number | undefined }
    | { readonly kind: 'bytes'; readonly position: number; readonly bytes: Buffer }
    | { readonly kind: 'length'; readonly length: number };
  /** `lost`: a sync of it failed, and no later sync will write it, though one will report success. */
  state: 'unsynced' | 'synced' | 'lost';
}

type Node = { kind: 'file'; bytes: Buffer } | { kind: 'folder'; names: Map<string, number> };
type Image = Map<number, Node>;

export const ROOT = 0;

/** A disk with a cache in front: what is seen, and what a power loss would leave. */
export class VolatileDisk {
  #durable: Image = new Map([[ROOT, { kind: 'folder', names: new Map() }]]);
  #seen: Image = copyOf(this.#durable);
  #log: Effect[] = [];
  #nodes = 1;

  /** One that has a durable folder of that name, and nothing else. */
  static withFolder(name: string): VolatileDisk {
    const disk = new VolatileDisk();
    disk.change(ROOT, { kind: 'name', name, to: disk.make('folder') });
    disk.settle();
    return disk;
  }

  folder(node: number): Map<string, number> | undefined {
    const found = this.#seen.get(node);
    return found?.kind === 'folder' ? found.names : undefined;
  }

  file(node: number): Buffer | undefined {
    const found = this.#seen.get(node);
    return found?.kind === 'file' ? found.bytes : undefined;
  }

  make(kind: Node['kind']): number {
    const node = this.#nodes++;
    // That the node exists is no effect of its own: without a name nobody finds it.
    for (const image of [this.#durable, this.#seen]) image.set(node, empty(kind));
    return node;
  }

  change(on: number, change: Effect['change']): void {
    const effect: Effect = { on, change, state: 'unsynced' };
    this.#log.push(effect);
    apply(this.#seen, effect);
  }

  unsynced(node: number): readonly Effect[] {
    return this.#log.filter((effect) => effect.on === node && effect.state === 'unsynced');
  }

  /** Loses any of what was not synced, as `keeps` says for each effect. */
  losePower(keeps: () => boolean): void {
    for (const effect of this.#log) if (effect.state === 'synced' || keeps()) apply(this.#durable, effect);
    this.#log = [];
    this.#seen = copyOf(this.#durable);
  }

  /** Everything so far is on the disk. */
  settle(): void {
    this.losePower(() => true);
  }
}

function empty(kind: Node['kind']): Node {
  return kind === 'file' ? { kind, bytes: Buffer.alloc(0) } : { kind, names: new Map() };
}

function copyOf(image: Image): Image {
  const copies = [...image].map(([id, node]): [number, Node] => [
    id,
    node.kind === 'file' ? { ...node } : { kind: 'folder', names: new Map(node.names) },
  ]);
  return new Map(copies);
}

function apply(image: Image, { on, change }: Effect): void {
  const node = image.get(on);
  if (change.kind === 'name') {
    if (node?.kind !== 'folder') throw new Error('a name was changed in what is no folder');
    if (change.to === undefined) node.names.delete(change.name);
    else node.names.set(change.name, change.to);
    return;
  }
  if (node?.kind !== 'file') throw new Error('bytes were changed in what is no file');
  node.bytes = change.kind === 'length' ? resized(node.bytes, change.length) : written(node.bytes, change);
}

function resized(bytes: Buffer, length: number): Buffer {
  const result = Buffer.alloc(length);
  bytes.copy(result);
  return result;
}

function written(bytes: Buffer, change: { position: number; bytes: Buffer }): Buffer {
  const result = resized(bytes, Math.max(bytes.length, change.position + change.bytes.length));
  change.bytes.copy(result, change.position);
  return result;
}
