import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { StorageFault } from '../../src/application/ports/storage/storage-fault.js';
import type {
  ExpiringOutcome,
  ListPage,
  ListRequest,
  ObjectBody,
  ObjectRange,
  ObjectStore,
  OpenMultipart,
  PutAnswer,
  StoredObject,
  UploadedPart,
} from '../../src/infrastructure/storage/drivers/s3/object-store.js';

const MOST_PARTS = 10_000;

/** Bytes, or only how many there were. */
interface Content {
  readonly bytes: Buffer | undefined;
  readonly size: number;
  readonly etag: string;
}

interface Kept extends Content {
  readonly modifiedAt: number;
  readonly note: string | undefined;
}

interface Multipart {
  readonly key: string;
  readonly startedAt: number;
  readonly parts: Map<number, Content>;
}

export interface StoreRules {
  /** Bytes of every part but the last. */
  readonly leastPart?: number;
  readonly pageSize?: number;
  /** False: only sizes are kept, and what is read is zeros. */
  readonly keepsContent?: boolean;
  /** True: bytes are taken some time after they were handed over, and requests overtake each other. */
  readonly takesTime?: boolean;
  /** False: a removal that has expired is carried out. */
  readonly refusesExpired?: boolean;
}

/** A little model of a store that speaks S3, with a clock of its own, which counts what it is asked for. */
export class MemoryObjectStore implements ObjectStore {
  readonly #rules: Required<StoreRules>;
  readonly #objects = new Map<string, Kept>();
  readonly #multiparts = new Map<string, Multipart>();
  /** How often each operation was asked for. */
  readonly requests = new Map<string, number>();
  /** Bytes that came in requests, and bytes that went in answers. */
  sent = 0;
  read = 0;
  #ahead = 0;
  #lastUpload = 0;

  constructor(rules: StoreRules = {}) {
    this.#rules = {
      leastPart: 5 * 1024 * 1024,
      pageSize: 1000,
      keepsContent: true,
      takesTime: false,
      refusesExpired: true,
      ...rules,
    };
  }

  /** The store's clock, ms of Unix time. */
  get time(): number {
    return Date.now() + this.#ahead;
  }

  advance(ms: number): void {
    this.#ahead += ms;
  }

  keys(prefix = ''): readonly string[] {
    return [...this.#objects.keys()].filter((key) => key.startsWith(prefix)).toSorted();
  }

  contentOf(key: string): Buffer | undefined {
    return this.#objects.get(key)?.bytes;
  }

  get total(): number {
    return [...this.requests.values()].reduce((sum, count) => sum + count, 0);
  }

  resetCounts(): void {
    this.requests.clear();
    this.sent = 0;
    this.read = 0;
  }

  async head(key: string): Promise<StoredObject | undefined> {
    this.#count('head');
    const kept = this.#objects.get(key);
    if (kept === undefined) return undefined;
    const { size, etag, modifiedAt, note } = kept;
    return { key, size, etag, modifiedAt, ...(note === undefined ? {} : { note }) };
  }

  async get(key: string, range?: ObjectRange, ifMatch?: string): Promise<ObjectBody | undefined> {
    this.#count('get');
    const kept = this.#objects.get(key);
    if (kept === undefined) return undefined;
    if (ifMatch !== undefined && ifMatch !== kept.etag) throw fault(`another object is at ${key}`);
    const { start, size } = within(kept, range, key);
    let position = start;
    return {
      size: kept.size,
      etag: kept.etag,
      read: async (buffer) => {
        const length = Math.min(buffer.length, start + size - position);
        const bytes = kept.bytes?.subarray(position, position + length) ?? Buffer.alloc(length);
        buffer.set(bytes);
        position += length;
        this.read += length;
        return length;
      },
      close: () => undefined,
    };
  }

  async put(key: string, content: readonly Uint8Array[], note?: string): Promise<PutAnswer> {
    this.#count('put');
    if (this.#rules.takesTime) await this.#pause();
    const taken = this.#take(content);
    this.#objects.set(key, { ...taken, note, modifiedAt: this.time });
    return { etag: taken.etag, now: this.time };
  }

  async copy(from: string, to: string, ifMatch?: string): Promise<boolean> {
    this.#count('copy');
    const kept = this.#objects.get(from);
    if (kept === undefined || (ifMatch !== undefined && ifMatch !== kept.etag)) return false;
    if (from === to) throw fault(`${from} can not be copied onto itself`);
    this.#objects.set(to, { ...kept, modifiedAt: this.time });
    return true;
  }

  async delete(key: string): Promise<void> {
    this.#count('delete');
    this.#objects.delete(key);
  }

  async deleteAll(keys: readonly string[]): Promise<void> {
    for (let at = 0; at < keys.length; at += 1000) this.#count('deleteAll');
    for (const key of keys) this.#objects.delete(key);
  }

  async *list({ prefix, delimiter, after = '', most = Infinity }: ListRequest): AsyncGenerator<ListPage> {
    const found = this.keys(prefix).filter((key) => key > after);
    const items = new Map<string, StoredObject | undefined>();
    for (const key of found) {
      const end = delimiter === undefined ? -1 : key.indexOf(delimiter, prefix.length);
      if (end >= 0) items.set(key.slice(0, end + 1), undefined);
      else items.set(key, await this.#listed(key));
      if (items.size >= most) break;
    }
    const all = [...items];
    for (let at = 0; at === 0 || at < all.length; at += this.#rules.pageSize) {
      this.#count('list');
      const page = all.slice(at, at + this.#rules.pageSize);
      yield {
        objects: page.flatMap(([, object]) => (object === undefined ? [] : [object])),
        prefixes: page.flatMap(([name, object]) => (object === undefined ? [name] : [])),
      };
    }
  }

  async createMultipart(key: string): Promise<string> {
    this.#count('createMultipart');
    this.#lastUpload += 1;
    const uploadId = `upload-${this.#lastUpload}`;
    this.#multiparts.set(uploadId, { key, startedAt: this.time, parts: new Map() });
    return uploadId;
  }

  async uploadPart(
    key: string,
    uploadId: string,
    number: number,
    content: readonly Uint8Array[],
  ): Promise<UploadedPart> {
    this.#count('uploadPart');
    return this.#addPart(key, uploadId, number, this.#take(content));
  }

  async copyPart(
    key: string,
    uploadId: string,
    number: number,
    from: string,
    range?: ObjectRange,
    ifMatch?: string,
  ): Promise<UploadedPart> {
    this.#count('copyPart');
    const kept = this.#objects.get(from);
    if (kept === undefined) throw fault(`nothing is at ${from}`);
    if (ifMatch !== undefined && ifMatch !== kept.etag) throw fault(`another object is at ${from}`);
    const { start, size } = within(kept, range, from);
    if (range !== undefined && kept.size <= this.#rules.leastPart) throw fault('too small for a range');
    const bytes = kept.bytes?.subarray(start, start + size);
    return this.#addPart(key, uploadId, number, contentOf(bytes, size));
  }

  async completeMultipart(key: string, uploadId: string, parts: readonly UploadedPart[]): Promise<void> {
    this.#count('completeMultipart');
    const multipart = this.#multipart(key, uploadId);
    const contents = parts.map(({ number, etag }, at) => {
      const content = multipart.parts.get(number);
      if (content === undefined || content.etag !== etag) throw fault(`part ${number} is not there`);
      if (at > 0 && number <= (parts[at - 1]?.number ?? 0)) throw fault('parts are not in order');
      if (at < parts.length - 1 && content.size < this.#rules.leastPart) {
        throw fault(`part ${number} has ${content.size} bytes, which is too few`);
      }
      return content;
    });
    if (contents.length === 0) throw fault('no parts');
    const size = contents.reduce((sum, content) => sum + content.size, 0);
    const bytes = contents.flatMap((content) => (content.bytes === undefined ? [] : [content.bytes]));
    const etag = `${md5(contents.map((content) => content.etag).join())}-${parts.length}`;
    const whole = this.#rules.keepsContent ? Buffer.concat(bytes) : undefined;
    this.#objects.set(key, { bytes: whole, size, etag, note: undefined, modifiedAt: this.time });
    this.#multiparts.delete(uploadId);
  }

  async abortMultipart(key: string, uploadId: string): Promise<void> {
    this.#count('abortMultipart');
    if (this.#multiparts.get(uploadId)?.key === key) this.#multiparts.delete(uploadId);
  }

  async *openMultiparts(prefix: string): AsyncGenerator<OpenMultipart> {
    this.#count('openMultiparts');
    for (const [uploadId, { key, startedAt }] of this.#multiparts) {
      if (key.startsWith(prefix)) yield { key, uploadId, startedAt };
    }
  }

  async addressOf(key: string, seconds: number): Promise<string> {
    return `https://store.example/bucket/${key}?X-Amz-Expires=${seconds}`;
  }

  async deleteUntil(key: string, until: number): Promise<ExpiringOutcome> {
    this.#count('deleteUntil');
    if (this.#rules.refusesExpired && this.time >= until) return 'expired';
    this.#objects.delete(key);
    return 'gone';
  }

  async now(): Promise<number> {
    this.#count('now');
    return this.time;
  }

  async probe(): Promise<void> {
    this.#count('probe');
  }

  async close(): Promise<void> {}

  #count(operation: string): void {
    this.requests.set(operation, (this.requests.get(operation) ?? 0) + 1);
  }

  async #pause(): Promise<void> {
    for (let turns = (this.total * 7) % 5; turns > 0; turns -= 1) await setImmediate();
  }

  #take(content: readonly Uint8Array[]): Content {
    const size = content.reduce((sum, chunk) => sum + chunk.length, 0);
    this.sent += size;
    return contentOf(this.#rules.keepsContent ? Buffer.concat(content) : undefined, size);
  }

  /** Lists tell no notes. */
  async #listed(key: string): Promise<StoredObject> {
    const kept = this.#objects.get(key);
    if (kept === undefined) throw new Error(`${key} is not there`);
    return { key, size: kept.size, etag: kept.etag, modifiedAt: kept.modifiedAt };
  }

  #addPart(key: string, uploadId: string, number: number, content: Content): UploadedPart {
    if (number < 1 || number > MOST_PARTS) throw fault(`there is no part ${number}`);
    this.#multipart(key, uploadId).parts.set(number, content);
    return { number, etag: content.etag };
  }

  #multipart(key: string, uploadId: string): Multipart {
    const multipart = this.#multiparts.get(uploadId);
    if (multipart?.key !== key) throw fault(`there is no upload ${uploadId} of ${key}`);
    return multipart;
  }
}

function within({ size }: Content, range: ObjectRange | undefined, key: string) {
  if (range === undefined) return { start: 0, size };
  if (range.start >= size) throw fault(`${key} ends before ${range.start}`);
  return { start: range.start, size: Math.min(range.end ?? size, size) - range.start };
}

function contentOf(bytes: Buffer | undefined, size: number): Content {
  return { bytes, size, etag: md5(bytes ?? String(size)) };
}

function md5(content: Buffer | string): string {
  return createHash('md5').update(content).digest('hex');
}

function fault(message: string): StorageFault {
  return new StorageFault('broken', message);
}
