import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf, type HttpClient } from './http-client.js';

export interface LayoutDescriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly platform?: { readonly architecture: string };
}

interface LayoutManifest {
  readonly manifests?: readonly LayoutDescriptor[];
  readonly config?: LayoutDescriptor;
  readonly layers?: readonly LayoutDescriptor[];
}

const REF_NAME = 'org.opencontainers.image.ref.name';

/** An image layout on disk (OCI image-spec, image-layout.md), for comparing what went in with what came out. */
export class OciLayout {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  async blob(digest: string): Promise<Buffer> {
    return readFile(join(this.folder, 'blobs', digest.replace(':', '/')));
  }

  /** The descriptor with that name, or the only one. */
  async find(name?: string): Promise<LayoutDescriptor> {
    const { manifests = [] } = parse(await readFile(join(this.folder, 'index.json')));
    const named = manifests.find(({ annotations }) => annotations?.[REF_NAME] === name);
    const found = named ?? (manifests.length === 1 ? manifests[0] : undefined);
    if (found === undefined) throw new Error(`${this.folder} has no image ${name}`);
    return found;
  }

  /** The manifest and everything under it, the children of an index included. */
  async reachable(
    root: LayoutDescriptor,
  ): Promise<{ manifests: LayoutDescriptor[]; blobs: LayoutDescriptor[] }> {
    const { manifests = [], config, layers = [] } = parse(await this.blob(root.digest));
    const children = await Promise.all(manifests.map(async (child) => this.reachable(child)));
    return {
      manifests: [root, ...children.flatMap((child) => child.manifests)],
      blobs: [
        ...(config === undefined ? [] : [config]),
        ...layers,
        ...children.flatMap((child) => child.blobs),
      ],
    };
  }

  /** Every digest under `name`, each checked against the bytes of its file, sorted. */
  async verifiedDigests(name?: string): Promise<string[]> {
    const { manifests, blobs } = await this.reachable(await this.find(name));
    const digests = [...new Set([...manifests, ...blobs].map(({ digest }) => digest))];
    for (const digest of digests) {
      const actual = digestOf(await this.blob(digest));
      if (actual !== digest) throw new Error(`${this.folder}: the bytes of ${digest} are those of ${actual}`);
    }
    return digests.toSorted();
  }
}

/** Reads everything under a reference from the registry, checks each digest and returns all of them, sorted. */
export async function servedDigests(
  client: HttpClient,
  repository: string,
  reference: string,
): Promise<string[]> {
  const digests = new Set<string>();
  const read = async (kind: 'blobs' | 'manifests', wanted: string): Promise<Buffer> => {
    const { status, headers, body } = await client.send({ path: `/v2/${repository}/${kind}/${wanted}` });
    if (status !== 200) throw new Error(`${repository} ${kind} ${wanted}: ${status} ${body.toString()}`);
    const digest = digestOf(body);
    const claimed = wanted.includes(':') ? wanted : headers['docker-content-digest'];
    if (claimed !== digest)
      throw new Error(`${repository} ${kind} ${wanted}: the bytes are those of ${digest}`);
    digests.add(digest);
    return body;
  };
  const walk = async (wanted: string): Promise<void> => {
    const { manifests = [], config, layers = [] } = parse(await read('manifests', wanted));
    for (const child of manifests) await walk(child.digest);
    for (const { digest } of [...(config === undefined ? [] : [config]), ...layers])
      await read('blobs', digest);
  };
  await walk(reference);
  return [...digests].toSorted();
}

function parse(json: Buffer): LayoutManifest {
  return JSON.parse(json.toString()) as LayoutManifest;
}
