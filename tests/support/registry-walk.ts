import { createHash } from 'node:crypto';
import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { digestOf, type Answer, type HttpClient } from './http-client.js';

/** Everything that a client can learn of a registry: what was asked, and the answer in one line. */
export type Snapshot = ReadonlyMap<string, string>;

export interface WalkedRegistry {
  readonly client: HttpClient;
  /** `127.0.0.1:<port>` */
  readonly host: string;
}

/** What no list tells: manifests without a tag, what was deleted, repositories that a catalog leaves out. */
export interface AlsoAsked {
  readonly repositories?: readonly string[];
  /** Blobs with more bytes are asked for with HEAD alone. Default: all are read. */
  readonly largestRead?: number;
  /** `repository@digest` */
  readonly manifests?: readonly string[];
  /** `repository/blobs/digest` */
  readonly blobs?: readonly string[];
}

const CLIENTS = 8;
const PAGE = 500;
const ACCEPT = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
].join(', ');

interface Body {
  readonly manifests?: readonly { readonly digest: string }[];
  readonly config?: { readonly digest: string };
  readonly layers?: readonly { readonly digest: string }[];
}

/**
 * Reads a whole registry through HTTP: the catalog, every tag, each manifest by tag and digest, HEAD and GET, what an
 * index lists, every blob. Keys of the snapshot: `catalog <name>`, `<name> tags`, `<name>:<tag>`, `<name>@<digest>`,
 * `<name>/blobs/<digest>`, and `bytes of <digest>`.
 */
export async function walkRegistry(registry: WalkedRegistry, also: AlsoAsked = {}): Promise<Snapshot> {
  const walk = new Walk(registry, also);
  await walk.run();
  return new Map([...walk.seen].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** @returns a line for each thing that differs: what it is, and both answers */
export function differences(left: Snapshot, right: Snapshot): string[] {
  const keys = [...new Set([...left.keys(), ...right.keys()])];
  return keys
    .filter((key) => left.get(key) !== right.get(key))
    .map((key) => `${key}: ${left.get(key) ?? 'not found'} | ${right.get(key) ?? 'not found'}`);
}

class Walk {
  readonly seen = new Map<string, string>();
  readonly #client: HttpClient;
  readonly #host: string;
  readonly #also: AlsoAsked;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  readonly #blobs = new Set<string>();
  /** One path per digest: the bytes are read once, however many repositories have them. */
  readonly #bytes = new Map<string, string>();

  constructor({ client, host }: WalkedRegistry, also: AlsoAsked) {
    this.#client = client;
    this.#host = host;
    this.#also = also;
  }

  async run(): Promise<void> {
    try {
      const repositories = await this.#list('/v2/_catalog', 'repositories');
      for (const name of repositories) this.seen.set(`catalog ${name}`, 'listed');
      const names = new Set([...repositories, ...(this.#also.repositories ?? [])]);
      await each([...names], async (name) => this.#repository(name));
      await each(this.#also.manifests ?? [], async (key) => {
        const [name = '', digest = ''] = key.split('@');
        await this.#manifest(name, digest);
      });
      for (const key of this.#also.blobs ?? []) this.#blobs.add(key);
      await each([...this.#blobs], async (key) => this.#blob(key));
      await each([...this.#bytes], async ([digest, path]) => this.#readBytes(digest, path));
    } finally {
      this.#agent.destroy();
    }
  }

  async #repository(name: string): Promise<void> {
    const tags = await this.#list(`/v2/${name}/tags/list`, 'tags');
    this.seen.set(`${name} tags`, tags.join(' '));
    for (const tag of tags) {
      const digest = await this.#manifest(name, tag);
      if (digest !== undefined) await this.#manifest(name, digest);
    }
  }

  /** @returns its digest, when it is there */
  async #manifest(name: string, reference: string): Promise<string | undefined> {
    const key = `${name}${reference.includes(':') ? '@' : ':'}${reference}`;
    if (this.seen.has(key)) return undefined;
    this.seen.set(key, 'asked');
    const request = { path: `/v2/${name}/manifests/${reference}`, headers: { accept: ACCEPT } };
    const got = await this.#client.send(request);
    const head = await this.#client.send({ ...request, method: 'HEAD' });
    const claimed = String(got.headers['docker-content-digest']);
    const actual = got.status === 200 ? digestOf(got.body, claimed.split(':')[0]) : undefined;
    const bytes = actual === undefined || actual === claimed ? '' : `, its bytes are ${actual}`;
    this.seen.set(key, agreed(got, head) + bytes);
    if (actual === undefined) return undefined;
    const { manifests = [], config, layers = [] } = JSON.parse(got.body.toString()) as Body;
    for (const child of manifests) await this.#manifest(name, child.digest);
    for (const { digest } of [...(config === undefined ? [] : [config]), ...layers]) {
      this.#blobs.add(`${name}/blobs/${digest}`);
    }
    return actual;
  }

  async #blob(key: string): Promise<void> {
    const path = `/v2/${key}`;
    const head = await this.#client.send({ method: 'HEAD', path });
    this.seen.set(key, line(head.status, head.headers));
    const isRead = Number(head.headers['content-length']) <= (this.#also.largestRead ?? Infinity);
    if (head.status === 200 && isRead) this.#bytes.set(key.slice(key.lastIndexOf('/') + 1), path);
  }

  /** Hashed as they come: blobs may be larger than what one would hold. */
  async #readBytes(digest: string, path: string): Promise<void> {
    const [hostname, port] = this.#host.split(':');
    const answer = await new Promise<string>((resolve, reject) => {
      const sent = httpRequest({ hostname, port, path, agent: this.#agent }, (res) => {
        const hash = createHash(digest.split(':')[0] ?? '');
        res.on('data', (chunk: Buffer) => hash.update(chunk));
        res.on('error', reject);
        res.on('end', () => {
          const actual = `${digest.split(':')[0]}:${hash.digest('hex')}`;
          const bytes = actual === digest ? 'as named' : `are ${actual}`;
          resolve(`${bytes}, ${line(res.statusCode ?? 0, res.headers)}`);
        });
      });
      sent.on('error', reject);
      sent.end();
    });
    this.seen.set(`bytes of ${digest}`, answer);
  }

  /** All pages of a list, in byte order; a repository without tags is unknown to one and empty to another. */
  async #list(path: string, member: 'repositories' | 'tags'): Promise<string[]> {
    const names: string[] = [];
    for (let page: string | undefined = `${path}?n=${PAGE}`; page !== undefined;) {
      const answer = await this.#client.send({ path: page });
      if (answer.status === 404) return names;
      if (answer.status !== 200) throw new Error(`${page}: ${answer.status} ${answer.body.toString()}`);
      const body = JSON.parse(answer.body.toString()) as Record<string, readonly string[] | null>;
      names.push(...(body[member] ?? []));
      page = nextPage(answer);
    }
    return names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  }
}

/** What both programs say of content. Of a refusal only the status counts: its words are each program's own. */
function line(status: number, headers: IncomingHttpHeaders): string {
  if (status !== 200) return String(status);
  const names = ['content-type', 'content-length', 'docker-content-digest', 'etag'];
  return [status, ...names.map((name) => headers[name])].join(' ');
}

function agreed(got: Answer, head: Answer): string {
  const told = line(got.status, got.headers);
  const headers = line(head.status, head.headers);
  return told === headers ? told : `${told}, but its HEAD says ${headers}`;
}

/** Link (RFC 8288), as a path on the same host. */
function nextPage({ headers }: Answer): string | undefined {
  const target = /<([^>]+)>;\s*rel="?next"?/.exec(String(headers['link']))?.[1];
  if (target === undefined) return undefined;
  const { pathname, search } = new URL(target, 'http://127.0.0.1');
  return pathname + search;
}

async function each<V>(values: readonly V[], visit: (value: V) => Promise<void>): Promise<void> {
  const queue = [...values];
  const work = async (): Promise<void> => {
    for (let value = queue.shift(); value !== undefined; value = queue.shift()) await visit(value);
  };
  await Promise.all(Array.from({ length: CLIENTS }, work));
}
