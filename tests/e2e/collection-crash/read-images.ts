import { digestOf, type HttpClient } from '../../support/http-client.js';
import type { ImageLedger } from './image-worker.js';

const TYPES = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
] as const;

interface Body {
  readonly config?: { readonly digest: string };
  readonly layers?: readonly { readonly digest: string }[];
  readonly manifests?: readonly { readonly digest: string }[];
}

export interface ReadImages {
  /** One sentence for everything that is not as it was acknowledged. */
  readonly complaints: readonly string[];
  /** Digests of all that the tags reach. */
  readonly reached: ReadonlySet<string>;
}

/** Reads every tag with everything that it reaches, whole. */
export async function readImages(client: HttpClient, ledger: ImageLedger): Promise<ReadImages> {
  const complaints: string[] = [];
  const reached = new Set<string>();

  const read = async (
    repository: string,
    kind: 'manifests' | 'blobs',
    name: string,
  ): Promise<Buffer | undefined> => {
    const path = `/v2/${repository}/${kind}/${name}`;
    const { status, body } = await client.send({ path, headers: { accept: [...TYPES] } });
    if (status !== 200) {
      complaints.push(`${path} answers ${status}`);
      return undefined;
    }
    const digest = digestOf(body);
    if (name.startsWith('sha256:') && digest !== name) complaints.push(`${path} has other bytes`);
    reached.add(digest);
    return body;
  };
  const follow = async (repository: string, name: string): Promise<void> => {
    const bytes = await read(repository, 'manifests', name);
    if (bytes === undefined) return;
    const { config, layers = [], manifests = [] } = JSON.parse(bytes.toString()) as Body;
    for (const blob of [...(config === undefined ? [] : [config]), ...layers]) {
      await read(repository, 'blobs', blob.digest);
    }
    for (const child of manifests) await follow(repository, child.digest);
  };

  for (const key of ledger.tags.keys()) {
    const [repository = '', tag = ''] = key.split(':');
    const path = `/v2/${repository}/manifests/${tag}`;
    const { status, body } = await client.send({ path, headers: { accept: [...TYPES] } });
    const found = status === 404 ? undefined : digestOf(body);
    const possible = ledger.tags.possible(key);
    if (!possible.includes(found))
      complaints.push(`${key} is ${found}, and may only be ${possible.join(' or ')}`);
    ledger.tags.settle(key, found);
    if (found !== undefined) await follow(repository, tag);
  }
  return { complaints, reached };
}
