import { digestOf, type Answer, type HttpClient } from '../../support/http-client.js';
import type { Ledger, OpenUpload } from './ledger.js';
import type { Outcomes } from './outcomes.js';

const CLIENTS = 8;

interface Body {
  readonly config?: { readonly digest: string };
  readonly layers?: readonly { readonly digest: string }[];
  readonly manifests?: readonly { readonly digest: string }[];
  readonly subject?: { readonly digest: string };
}

/**
 * Reads everything that the ledger knows and writes what it saw into it.
 * @returns one sentence for each thing that is lost, wrong or half there
 */
export async function verifyLedger(client: HttpClient, ledger: Ledger): Promise<string[]> {
  const verifier = new Verifier(client, ledger);
  await verifier.run();
  return verifier.complaints;
}

class Verifier {
  readonly complaints: string[] = [];
  readonly #client: HttpClient;
  readonly #ledger: Ledger;
  readonly #bodies = new Map<string, Body>();

  constructor(client: HttpClient, ledger: Ledger) {
    this.#client = client;
    this.#ledger = ledger;
  }

  async run(): Promise<void> {
    const { blobs, manifests, tags, uploads } = this.#ledger;
    await this.#each(blobs.keys(), async (key) => this.#seen(blobs, key, await this.#readBlob(key)));
    await this.#each(manifests.keys(), async (key) =>
      this.#seen(manifests, key, await this.#readManifest(key)),
    );
    await this.#each(tags.keys(), async (key) => this.#seen(tags, key, await this.#readTag(key)));
    this.#checkRequests();
    await this.#each([...this.#bodies], async ([key, body]) => this.#checkReferences(key, body));
    await this.#each(this.#repositories(), async (repository) => this.#checkTags(repository));
    await this.#each([...uploads], async (upload) => this.#finish(upload));
  }

  #seen<V>(outcomes: Outcomes<V>, key: string, value: V): void {
    const possible = outcomes.possible(key);
    if (!possible.includes(value)) {
      this.complaints.push(
        `${key} is ${String(value)}, and may only be ${possible.map(String).join(' or ')}`,
      );
    }
    outcomes.settle(key, value);
  }

  async #readBlob(key: string): Promise<'there' | 'absent'> {
    const [repository = '', digest = ''] = key.split('@');
    return this.#read(`/v2/${repository}/blobs/${digest}`, digest) as Promise<'there' | 'absent'>;
  }

  async #readManifest(key: string): Promise<'there' | 'absent'> {
    const [repository = '', digest = ''] = key.split('@');
    const body = await this.#get(`/v2/${repository}/manifests/${digest}`);
    if (body.status === 404) return 'absent';
    this.#compare(`manifest ${key}`, body, digest);
    this.#bodies.set(key, JSON.parse(body.body.toString()) as Body);
    return 'there';
  }

  async #readTag(key: string): Promise<string | undefined> {
    const [repository = '', tag = ''] = key.split(':');
    const answer = await this.#get(`/v2/${repository}/manifests/${tag}`);
    if (answer.status === 404) return undefined;
    const digest = String(answer.headers['docker-content-digest']);
    this.#compare(`tag ${key}`, answer, digest);
    return digest;
  }

  async #read(path: string, digest: string): Promise<string> {
    const answer = await this.#get(path);
    if (answer.status === 404) return 'absent';
    this.#compare(path, answer, digest);
    return 'there';
  }

  #compare(what: string, { status, body }: Answer, digest: string): void {
    const actual = digestOf(body, digest.split(':')[0]);
    if (status !== 200) this.complaints.push(`${what}: ${status} ${body.toString().slice(0, 300)}`);
    else if (actual !== digest) this.complaints.push(`${what}: ${body.length} bytes that are ${actual}`);
  }

  /** What was asked for when the server died has happened as a whole or not at all. */
  #checkRequests(): void {
    const { manifests, tags, requests } = this.#ledger;
    for (const { manifest, tags: names, digest } of requests) {
      const there = manifests.settled(manifest) === 'there';
      const wrong = names.filter((name) => (tags.settled(name) === digest) !== there);
      if (wrong.length > 0)
        this.complaints.push(`${manifest} is ${there ? 'there' : 'absent'}, unlike ${wrong.join()}`);
    }
    requests.clear();
  }

  /** An accepted manifest stays whole (P3), and its subject lists it. */
  async #checkReferences(key: string, { config, layers = [], manifests = [], subject }: Body): Promise<void> {
    const [repository = '', digest = ''] = key.split('@');
    const needed = [
      ...[...(config === undefined ? [] : [config]), ...layers].map((blob) => `blobs/${blob.digest}`),
      ...manifests.map((child) => `manifests/${child.digest}`),
    ];
    for (const each of needed) {
      const { status } = await this.#client.send({ method: 'HEAD', path: `/v2/${repository}/${each}` });
      if (status !== 200) this.complaints.push(`${key} is accepted and its ${each} answers ${status}`);
    }
    if (subject === undefined) return;
    const { body } = await this.#get(`/v2/${repository}/referrers/${subject.digest}`);
    const listed = (JSON.parse(body.toString()) as Body).manifests ?? [];
    if (!listed.some((each) => each.digest === digest))
      this.complaints.push(`${key} is not a referrer of its subject`);
  }

  async #checkTags(repository: string): Promise<void> {
    const { status, body } = await this.#get(`/v2/${repository}/tags/list`);
    const listed = status === 404 ? [] : (JSON.parse(body.toString()) as { tags: string[] }).tags;
    const own = this.#ledger.tags.keys().filter((key) => key.startsWith(`${repository}:`));
    const there = own.filter((key) => this.#ledger.tags.settled(key) !== undefined);
    const names = there.map((key) => key.slice(repository.length + 1)).toSorted();
    if (JSON.stringify(listed) !== JSON.stringify(names))
      this.complaints.push(`${repository} lists the tags ${listed.join()} and has ${names.join()}`);
  }

  /** The status tells exactly what is kept: the rest, sent after it, makes the whole. */
  async #finish(upload: OpenUpload): Promise<void> {
    const { repository, content, acknowledged, sent } = upload;
    this.#ledger.uploads.delete(upload);
    const status = await this.#get(upload.location);
    const last = Number(/^0-(\d+)$/.exec(String(status.headers.range))?.[1]);
    const kept = last === 0 ? 0 : last + 1;
    if (status.status !== 204 || !(kept >= acknowledged && kept <= sent)) {
      const told = `${status.status} ${status.headers.range}`;
      this.complaints.push(`${upload.location}: ${told} after ${acknowledged} acknowledged of ${sent} sent`);
      return;
    }
    const digest = digestOf(content);
    const location = String(status.headers.location);
    const closed = await this.#client.send({
      method: 'PUT',
      path: `${location}${location.includes('?') ? '&' : '?'}digest=${digest}`,
      headers: { 'content-range': `${kept}-${content.length - 1}` },
      body: content.subarray(kept),
    });
    if (closed.status !== 201) {
      const answer = closed.body.toString();
      this.complaints.push(`${upload.location} goes on at ${kept}: ${closed.status} ${answer}`);
      return;
    }
    const key = `${repository}@${digest}`;
    this.#ledger.blobs.settle(key, 'there');
    this.#seen(this.#ledger.blobs, key, await this.#readBlob(key));
  }

  #repositories(): string[] {
    return [...new Set(this.#ledger.tags.keys().map((key) => key.split(':')[0] ?? ''))];
  }

  async #get(path: string): Promise<Answer> {
    return this.#client.send({ path });
  }

  async #each<V>(values: readonly V[], check: (value: V) => Promise<void>): Promise<void> {
    const queue = [...values];
    const work = async (): Promise<void> => {
      for (let value = queue.shift(); value !== undefined; value = queue.shift()) await check(value);
    };
    await Promise.all(Array.from({ length: CLIENTS }, work));
  }
}
