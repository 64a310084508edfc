import { randomBytes, randomUUID } from 'node:crypto';
import { Connection } from './connection.js';
import { freshContent } from './content.js';
import { pushFreshImage } from './fresh-image.js';
import { pullBlob } from './pull.js';
import { expectStatus, pushLargeBlob, pushSmallBlob } from './push.js';
import { IMAGE_MANIFEST } from './sample-image.js';

/** Images that are kept; the oldest beyond them is deleted for each new one. */
const KEPT = 200;
const REPOSITORIES = 20;
const SMALL = 4096;
const LARGE = 8e6;
const SLICES = ['image', 'image', 'image', 'blob', 'large', 'pull', 'pull', 'pull', 'lists'] as const;
type Slice = (typeof SLICES)[number];

interface Image {
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
}

interface Pulled {
  readonly layers: readonly { readonly digest: string }[];
}

/** What a registry is asked for by many at once: pushes, pulls, lists and deletes in turn, while its content stays as large. */
export class MixedLoad {
  readonly #port: number;
  readonly #images: Image[] = [];
  #turn = 0;
  #done = 0;

  constructor(port: number) {
    this.#port = port;
  }

  /** Parts of the load that were done so far: each is several requests. */
  get done(): number {
    return this.#done;
  }

  /** @param until of performance.now. @throws Error at the first answer that is not as it should be */
  async run(clients: number, until: number): Promise<void> {
    const work = async (): Promise<void> => {
      const connection = await Connection.open(this.#port);
      try {
        while (performance.now() < until) {
          await this.#do(connection, SLICES[this.#turn++ % SLICES.length] ?? 'pull');
          this.#done += 1;
        }
      } finally {
        connection.close();
      }
    };
    await Promise.all(Array.from({ length: clients }, work));
  }

  async #do(connection: Connection, slice: Slice): Promise<void> {
    switch (slice) {
      case 'image':
        return this.#pushImage(connection);
      case 'blob':
        // Nothing will ever reference it: collection takes it away.
        await pushSmallBlob(connection, this.#repository(), randomBytes(SMALL));
        return;
      case 'large':
        return pushLargeBlob(connection, this.#repository(), freshContent(LARGE));
      case 'pull':
        return this.#pull(connection);
      case 'lists':
        return this.#list(connection);
    }
  }

  #repository(): string {
    return `mixed/r${this.#turn % REPOSITORIES}`;
  }

  async #pushImage(connection: Connection): Promise<void> {
    const tag = `t-${randomUUID()}`;
    const { repository, digest } = await pushFreshImage(connection, { repository: this.#repository(), tag });
    this.#images.push({ repository, tag, digest });
    const oldest = this.#images.length > KEPT ? this.#images.shift() : undefined;
    if (oldest === undefined) return;
    const path = `/v2/${oldest.repository}/manifests`;
    // By its tag every other time: then its manifest stays for who collects what is untagged.
    const reference = this.#turn % 2 === 0 ? oldest.tag : oldest.digest;
    expectStatus('DELETE', await connection.request('DELETE', `${path}/${reference}`), 202);
  }

  /** One that is not the next to be deleted. */
  async #pull(connection: Connection): Promise<void> {
    const image = this.#images.at(-1 - (this.#turn % (KEPT / 2))) ?? this.#images.at(-1);
    if (image === undefined) return;
    const { repository, tag } = image;
    const path = `/v2/${repository}/manifests/${tag}`;
    const answer = await connection.request('GET', path, { Accept: IMAGE_MANIFEST });
    const { layers } = JSON.parse(expectStatus('GET', answer, 200).body.toString()) as Pulled;
    for (const { digest } of layers) await pullBlob(this.#port, `/v2/${repository}/blobs/${digest}`);
  }

  async #list(connection: Connection): Promise<void> {
    const paths = ['/v2/_catalog?n=100', `/v2/${this.#repository()}/tags/list`];
    for (const path of paths) {
      const { status } = await connection.request('GET', path);
      // Of tags: until the repository has its first.
      if (status !== 200 && status !== 404) throw new Error(`${status} to GET ${path}`);
    }
  }
}
