import { Connection } from './connection.js';
import { pushManifest } from './push.js';

const INDEX = 'application/vnd.oci.image.index.v1+json';
/** An index of nothing: it needs no blob, so that a repository is one request. */
const EMPTY_INDEX = {
  mediaType: INDEX,
  bytes: Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests: [] })),
};
const CLIENTS = 16;

/** Names in byte order: `prefix` + the number in six digits. */
export function numbered(prefix: string, number: number): string {
  return `${prefix}${String(number).padStart(6, '0')}`;
}

async function inParallel(
  port: number,
  count: number,
  one: (connection: Connection, number: number) => Promise<void>,
) {
  let next = 0;
  const work = async (): Promise<void> => {
    const connection = await Connection.open(port);
    while (next < count) await one(connection, next++);
    connection.close();
  };
  await Promise.all(Array.from({ length: CLIENTS }, work));
}

export async function fillRepositories(port: number, count: number): Promise<void> {
  await inParallel(port, count, (connection, number) =>
    pushManifest(connection, numbered('catalog/r', number), 'latest', EMPTY_INDEX),
  );
}

export async function fillTags(port: number, repository: string, count: number): Promise<void> {
  await inParallel(port, count, (connection, number) =>
    pushManifest(connection, repository, numbered('t', number), EMPTY_INDEX),
  );
}
