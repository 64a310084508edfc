import { digestOf, HttpClient } from '../../support/http-client.js';
import { BlobPusher } from './blob-pusher.js';
import type { Ledger } from './ledger.js';
import { SeededRandom } from './seeded-random.js';
import { UnexpectedAnswer } from './unexpected-answer.js';

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const INDEX = 'application/vnd.oci.image.index.v1+json';
const LAYER = 'application/vnd.oci.image.layer.v1.tar';
const CONFIG = 'application/vnd.oci.image.config.v1+json';
const TAGS = ['a', 'b', 'c', 'd', 'e'] as const;

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** Works on a repository of its own until the connection breaks: pushes, tags, mounts, deletes. */
export class LoadWorker {
  readonly repository: string;
  /** Blobs that no manifest of this repository names. */
  readonly #loose: Descriptor[] = [];
  /** Manifests that were acknowledged; those that an index lists or an artifact names are not deleted. */
  readonly #images: { readonly descriptor: Descriptor; readonly body: string; held: boolean }[] = [];
  readonly #client: HttpClient;
  readonly #ledger: Ledger;
  readonly #random: SeededRandom;
  readonly #blobs: BlobPusher;

  constructor(port: number, repository: string, ledger: Ledger, seed: string) {
    this.repository = repository;
    this.#client = new HttpClient(port);
    this.#ledger = ledger;
    this.#random = new SeededRandom(seed);
    this.#blobs = new BlobPusher(this.#client, repository, ledger, this.#random);
  }

  /** Ends when the server goes; what the server should not have answered is a complaint in the ledger. */
  async run(): Promise<void> {
    try {
      for (;;) await this.#step();
    } catch (error) {
      if (error instanceof UnexpectedAnswer) this.#ledger.complaints.push(error.message);
      else if (!isCut(error)) throw error;
    } finally {
      this.#client.close();
    }
  }

  async #step(): Promise<void> {
    const steps = [
      async () => this.#pushBlob(),
      async () => this.#pushBlob(),
      async () => this.#pushImage(),
      async () => this.#pushImage(),
      async () => this.#pushIndex(),
      async () => this.#pushArtifact(),
      async () => this.#retag(),
      async () => this.#mount(),
      async () => this.#deleteTag(),
      async () => this.#deleteImage(),
      async () => this.#deleteBlob(),
      async () => this.#blobs.leaveOpen(),
    ];
    await this.#random.pick(steps)?.();
  }

  async #pushBlob(): Promise<void> {
    this.#loose.push({ mediaType: LAYER, ...(await this.#blobs.push()) });
  }

  async #pushImage(): Promise<void> {
    const config = { mediaType: CONFIG, ...(await this.#blobs.push()) };
    const layers = this.#loose.splice(0, 1 + this.#random.int(3));
    const body = JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST, config, layers });
    await this.#putManifest(MANIFEST, body, this.#random.pick([...TAGS, undefined]));
  }

  async #pushIndex(): Promise<void> {
    const children = this.#images.filter(() => this.#random.int(2) === 0).slice(0, 3);
    for (const child of children) child.held = true;
    const manifests = children.map(({ descriptor }) => descriptor);
    const body = JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests, annotations: this.#note() });
    await this.#putManifest(INDEX, body, this.#random.pick(TAGS));
  }

  async #pushArtifact(): Promise<void> {
    const subject = this.#random.pick(this.#images);
    if (subject === undefined) return;
    subject.held = true;
    const config = { mediaType: 'application/vnd.oci.empty.v1+json', ...(await this.#blobs.push()) };
    const rest = { artifactType: 'example/note', config, layers: [], subject: subject.descriptor };
    const body = JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST, ...rest });
    await this.#putManifest(MANIFEST, body, undefined);
  }

  async #retag(): Promise<void> {
    const image = this.#random.pick(this.#images);
    if (image === undefined) return;
    await this.#putManifest(image.descriptor.mediaType, image.body, this.#random.pick(TAGS));
  }

  async #mount(): Promise<void> {
    const key = this.#random.pick(this.#ledger.blobs.keys());
    const [from, digest] = key?.split('@') ?? [];
    if (from === undefined || digest === undefined || from === this.repository) return;
    // One of its own that the other one has mounted: it may be in use here.
    if (this.#ledger.blobs.settled(`${this.repository}@${digest}`) === 'there') return;
    const mounted = await this.#blobs.mount(digest, this.#random.pick([from, undefined]));
    // Its size is not known here: it is left out of images.
    if (mounted) await this.#delete(`blobs/${digest}`, () => this.#begunBlob(digest));
  }

  async #deleteTag(): Promise<void> {
    const tag = this.#random.pick(TAGS) ?? 'a';
    const key = `${this.repository}:${tag}`;
    if (this.#ledger.tags.settled(key) === undefined) return;
    await this.#delete(`manifests/${tag}`, () => {
      this.#ledger.tags.begin(key, undefined);
      return () => this.#ledger.tags.settle(key, undefined);
    });
  }

  async #deleteImage(): Promise<void> {
    const image = this.#random.pick(this.#images.filter(({ held }) => !held));
    if (image === undefined) return;
    this.#images.splice(this.#images.indexOf(image), 1);
    const { digest } = image.descriptor;
    const key = `${this.repository}@${digest}`;
    const tags = TAGS.map((tag) => `${this.repository}:${tag}`);
    const naming = tags.filter((tag) => this.#ledger.tags.settled(tag) === digest);
    await this.#delete(`manifests/${digest}`, () => {
      this.#ledger.manifests.begin(key, 'absent');
      for (const tag of naming) this.#ledger.tags.begin(tag, undefined);
      const request = { manifest: key, tags: naming, digest };
      this.#ledger.requests.add(request);
      return () => {
        this.#ledger.requests.delete(request);
        this.#ledger.manifests.settle(key, 'absent');
        for (const tag of naming) this.#ledger.tags.settle(tag, undefined);
      };
    });
  }

  async #deleteBlob(): Promise<void> {
    const blob = this.#loose.shift();
    if (blob !== undefined) await this.#delete(`blobs/${blob.digest}`, () => this.#begunBlob(blob.digest));
  }

  #begunBlob(digest: string): () => void {
    const key = `${this.repository}@${digest}`;
    this.#ledger.blobs.begin(key, 'absent');
    return () => this.#ledger.blobs.settle(key, 'absent');
  }

  /** @param begin writes the intention into the ledger and returns what its answer settles */
  async #delete(what: string, begin: () => () => void): Promise<void> {
    const settle = begin();
    const path = `/v2/${this.repository}/${what}`;
    const answer = await this.#client.send({ method: 'DELETE', path });
    if (answer.status !== 202) throw new UnexpectedAnswer('DELETE', path, answer);
    settle();
  }

  async #putManifest(mediaType: string, body: string, tag: string | undefined): Promise<void> {
    const digest = digestOf(body);
    const key = `${this.repository}@${digest}`;
    const tagKey = `${this.repository}:${tag}`;
    const request = { manifest: key, tags: tag === undefined ? [] : [tagKey], digest };
    if (this.#ledger.manifests.settled(key) === 'absent') this.#ledger.requests.add(request);
    this.#ledger.manifests.begin(key, 'there');
    if (tag !== undefined) this.#ledger.tags.begin(tagKey, digest);
    const path = `/v2/${this.repository}/manifests/${tag ?? digest}`;
    const headers = { 'content-type': mediaType };
    const answer = await this.#client.send({ method: 'PUT', path, headers, body });
    if (answer.status !== 201) throw new UnexpectedAnswer('PUT', path, answer);
    this.#ledger.requests.delete(request);
    this.#ledger.manifests.settle(key, 'there');
    if (tag !== undefined) this.#ledger.tags.settle(tagKey, digest);
    if (this.#images.some(({ descriptor }) => descriptor.digest === digest)) return;
    this.#images.push({
      descriptor: { mediaType, digest, size: Buffer.byteLength(body) },
      body,
      held: false,
    });
  }

  #note(): Record<string, string> {
    return { note: this.#random.bytes(8).toString('hex') };
  }
}

function isCut(error: unknown): boolean {
  return error instanceof Error && 'code' in error;
}
