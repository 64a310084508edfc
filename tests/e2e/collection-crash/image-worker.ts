import { digestOf, HttpClient, type Answer } from '../../support/http-client.js';
import { Outcomes } from '../crash-loop/outcomes.js';
import { SeededRandom } from '../crash-loop/seeded-random.js';
import { UnexpectedAnswer } from '../crash-loop/unexpected-answer.js';

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const INDEX = 'application/vnd.oci.image.index.v1+json';
const LAYER = 'application/vnd.oci.image.layer.v1.tar';
const TAGS = ['a', 'b', 'c', 'd'] as const;
/** Contents that all workers share, so that one's garbage is the other's layer. */
const CONTENTS = 12;
const ATTEMPTS = 20;

/** Told by all workers, of what the registry has acknowledged. */
export class ImageLedger {
  /** `repository:tag` to the digest that it names. */
  readonly tags = new Outcomes<string | undefined>(undefined);
  /** Digests of which a push was refused or cut off: their bytes may be there without a row. */
  readonly cut = new Set<string>();
  pushed = 0;
  deleted = 0;
}

/** The request was not answered: the server is gone. */
function isCut(error: unknown): boolean {
  return error instanceof Error && 'code' in error;
}

function contentOf(at: number): Buffer {
  return Buffer.from(`content ${at} `.repeat(1_000 + at * 977));
}

/** Pushes images and indexes under a few tags of its own repository, moves and deletes them. */
export class ImageWorker {
  readonly repository: string;
  readonly #client: HttpClient;
  readonly #ledger: ImageLedger;
  readonly #random: SeededRandom;

  constructor(port: number, repository: string, ledger: ImageLedger, seed: string) {
    this.repository = repository;
    this.#client = new HttpClient(port);
    this.#ledger = ledger;
    this.#random = new SeededRandom(seed);
  }

  /** Until it is told to stop; what is cut off by the end of the server is left as it is. */
  async run(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      try {
        await this.#random.pick([
          () => this.#pushImage(),
          () => this.#pushImage(),
          () => this.#pushImage(),
          () => this.#pushIndex(),
          () => this.#delete(),
        ])?.();
      } catch (error) {
        if (!isCut(error)) throw error;
        await new Promise((resolve) => {
          setTimeout(resolve, 50);
        });
      }
    }
    this.#client.close();
  }

  async #pushImage(): Promise<void> {
    await this.#again(() => this.#tryImage(this.#tag()));
  }

  /** Its child has a tag of its own for a moment only. */
  async #pushIndex(): Promise<void> {
    await this.#again(async () => {
      const child = await this.#tryImage(this.#tag());
      if (child === undefined) return undefined;
      const manifests = [{ mediaType: MANIFEST, digest: child.digest, size: child.size }];
      const annotations = { note: this.#random.bytes(4).toString('hex') };
      const body = JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests, annotations });
      return this.#put(INDEX, body, this.#tag());
    });
  }

  /** A client whose blobs have just been collected pushes them again, and one that is told to wait waits. */
  async #again(attempt: () => Promise<unknown>): Promise<void> {
    for (let at = 0; at < ATTEMPTS; at += 1) if ((await attempt()) !== undefined) return;
    throw new Error(`${this.repository}: a push was refused ${ATTEMPTS} times`);
  }

  async #tryImage(tag: string): Promise<{ digest: string; size: number } | undefined> {
    const contents = [0, 1, 2].map(() => this.#random.int(CONTENTS));
    const descriptors: object[] = [];
    for (const at of new Set(contents)) {
      const descriptor = await this.#blob(contentOf(at));
      if (descriptor === undefined) return undefined;
      descriptors.push(descriptor);
    }
    const [config, ...layers] = descriptors;
    const body = JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST, config, layers });
    return this.#put(MANIFEST, body, tag);
  }

  /** Undefined when it was refused for now. */
  async #blob(content: Buffer): Promise<object | undefined> {
    const digest = digestOf(content);
    const descriptor = { mediaType: LAYER, digest, size: content.length };
    const looks = this.#random.int(2) === 0;
    const path = `/v2/${this.repository}/blobs`;
    if (looks && (await this.#client.send({ method: 'HEAD', path: `${path}/${digest}` })).status === 200) {
      return descriptor;
    }
    this.#ledger.cut.add(digest);
    const push = { method: 'POST', path: `${path}/uploads/?digest=${digest}`, body: content };
    const answer = await this.#client.send(push);
    if (answer.status === 503) return undefined;
    this.#expect(201, 'POST', push.path, answer);
    return descriptor;
  }

  async #put(
    mediaType: string,
    body: string,
    tag: string,
  ): Promise<{ digest: string; size: number } | undefined> {
    const digest = digestOf(body);
    const key = `${this.repository}:${tag}`;
    this.#ledger.tags.begin(key, digest);
    const path = `/v2/${this.repository}/manifests/${tag}`;
    const headers = { 'content-type': mediaType };
    const answer = await this.#client.send({ method: 'PUT', path, headers, body });
    // Its blobs, or its child, have been collected: with a grace of 0 that may be.
    const isUnknown = answer.status >= 400 && answer.body.includes('MANIFEST_BLOB_UNKNOWN');
    if (isUnknown || answer.status === 503) {
      this.#ledger.tags.drop(key);
      return undefined;
    }
    this.#expect(201, 'PUT', path, answer);
    this.#ledger.tags.settle(key, digest);
    this.#ledger.pushed += 1;
    return { digest, size: Buffer.byteLength(body) };
  }

  async #delete(): Promise<void> {
    const tag = this.#tag();
    const key = `${this.repository}:${tag}`;
    if (this.#ledger.tags.settled(key) === undefined) return;
    this.#ledger.tags.begin(key, undefined);
    const path = `/v2/${this.repository}/manifests/${tag}`;
    const answer = await this.#client.send({ method: 'DELETE', path });
    // An earlier attempt that was cut off has done it.
    if (answer.status !== 404) this.#expect(202, 'DELETE', path, answer);
    this.#ledger.tags.settle(key, undefined);
    this.#ledger.deleted += 1;
  }

  #tag(): string {
    return this.#random.pick(TAGS) ?? 'a';
  }

  #expect(status: number, method: string, path: string, answer: Answer): void {
    if (answer.status !== status) throw new UnexpectedAnswer(method, path, answer);
  }
}
