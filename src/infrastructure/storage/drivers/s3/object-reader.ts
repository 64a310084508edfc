import type { StorageReader } from '../../../../application/ports/storage/storage-driver.js';
import { StorageFault } from '../../../../application/ports/storage/storage-fault.js';
import type { ObjectBody, ObjectStore } from './object-store.js';

/** An object, or one of several that are read as one. */
export interface Segment {
  readonly key: string;
  readonly etag: string;
  /** Where its first byte is in the whole. */
  readonly start: number;
  readonly size: number;
}

/** A body on its way, and what of it comes next. */
interface Stream {
  readonly body: ObjectBody;
  readonly segment: Segment;
  /** In the whole. */
  position: number;
}

/** Reads one object after another. Who reads on from where reading has ended is served by the request that was sent. */
export class ObjectReader implements StorageReader {
  readonly size: number;
  readonly #store: ObjectStore;
  readonly #segments: readonly Segment[];
  #stream: Stream | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** @param segments in their order, without a gap */
  constructor(store: ObjectStore, segments: readonly Segment[], stream?: Stream) {
    this.#store = store;
    this.#segments = segments;
    this.#stream = stream;
    const last = segments.at(-1);
    this.size = last === undefined ? 0 : last.start + last.size;
  }

  /** Opens an object at a position; undefined when there is none. */
  static async open(store: ObjectStore, key: string, from: number): Promise<ObjectReader | undefined> {
    const body = await store.get(key, from === 0 ? undefined : { start: from });
    if (body === undefined) return undefined;
    const segment = { key, etag: body.etag, start: 0, size: body.size };
    return new ObjectReader(store, [segment], { body, segment, position: from });
  }

  read(buffer: Uint8Array, position: number): Promise<number> {
    const fill = async () => this.#fill(buffer, position);
    const reading = this.#last.then(fill, fill);
    this.#last = reading;
    return reading;
  }

  async close(): Promise<void> {
    this.#stream?.body.close();
    this.#stream = undefined;
  }

  async #fill(buffer: Uint8Array, position: number): Promise<number> {
    const wanted = Math.max(0, Math.min(buffer.length, this.size - position));
    for (let filled = 0; filled < wanted;) {
      const stream = await this.#streamAt(position + filled);
      const { segment } = stream;
      const room = Math.min(wanted - filled, segment.start + segment.size - stream.position);
      const got = await stream.body.read(buffer.subarray(filled, filled + room));
      if (got < room) throw new StorageFault('broken', `cannot read ${segment.key}: it is cut off`);
      stream.position += got;
      filled += got;
    }
    return wanted;
  }

  async #streamAt(position: number): Promise<Stream> {
    const current = this.#stream;
    const isThere = current?.position === position && position < current.segment.start + current.segment.size;
    if (current !== undefined && isThere) return current;
    await this.close();
    const segment = this.#segmentAt(position);
    const start = position - segment.start;
    const range = start === 0 ? undefined : { start };
    const body = await this.#store.get(segment.key, range, segment.etag);
    if (body === undefined) throw new StorageFault('broken', `cannot read ${segment.key}: it is gone`);
    this.#stream = { body, segment, position };
    return this.#stream;
  }

  #segmentAt(position: number): Segment {
    const segment = this.#segments.findLast(({ start }) => start <= position);
    if (segment === undefined) throw new Error(`nothing is at ${position}`);
    return segment;
  }
}
