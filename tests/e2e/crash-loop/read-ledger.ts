import { digestOf, type HttpClient } from '../../support/http-client.js';
import type { Ledger } from './ledger.js';

const CLIENTS = 8;
const ACCEPT = {
  accept: 'application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json',
};

/** What a registry says of each key of a ledger. */
export interface LedgerReading {
  /** `there`, `absent`, or the digest that a tag names. */
  readonly values: ReadonlyMap<string, string | undefined>;
  /** Answers other than 200 and 404, and bytes that are not those of their digest. */
  readonly faults: readonly string[];
}

/** Asks any registry, the reference too, for everything that was ever written, and changes nothing. */
export async function readLedger(
  client: HttpClient,
  { blobs, manifests, tags }: Ledger,
): Promise<LedgerReading> {
  const values = new Map<string, string | undefined>();
  const faults: string[] = [];
  const digestAt = async (path: string, named: string | undefined): Promise<string | undefined> => {
    const { status, headers, body } = await client.send({ path, headers: ACCEPT });
    if (status === 404) return undefined;
    const claimed = named ?? String(headers['docker-content-digest']);
    const actual = digestOf(body, claimed.split(':')[0]);
    if (status !== 200 || actual !== claimed)
      faults.push(`${path}: ${status}, ${body.length} bytes of ${actual}`);
    return claimed;
  };
  const presence = async (kind: 'blobs' | 'manifests', key: string): Promise<void> => {
    const [repository = '', digest = ''] = key.split('@');
    const found = await digestAt(`/v2/${repository}/${kind}/${digest}`, digest);
    values.set(`${kind} ${key}`, found === undefined ? 'absent' : 'there');
  };
  const reads = [
    ...blobs.keys().map((key) => async () => presence('blobs', key)),
    ...manifests.keys().map((key) => async () => presence('manifests', key)),
    ...tags.keys().map((key) => async () => {
      const [repository = '', tag = ''] = key.split(':');
      values.set(`tags ${key}`, await digestAt(`/v2/${repository}/manifests/${tag}`, undefined));
    }),
  ];
  const names = new Set(tags.keys().map((key) => key.split(':')[0] ?? ''));
  for (const path of ['/v2/_catalog', ...[...names].map((name) => `/v2/${name}/tags/list`)]) {
    reads.push(async () => {
      const { status } = await client.send({ path });
      if (status !== 200 && status !== 404) faults.push(`${path}: ${status}`);
    });
  }
  const work = async (): Promise<void> => {
    for (let read = reads.shift(); read !== undefined; read = reads.shift()) await read();
  };
  await Promise.all(Array.from({ length: CLIENTS }, work));
  return { values, faults };
}
