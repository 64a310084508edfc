import type { Blob } from '../../../src/domain/content/blob.js';
import { RegistryError } from '../../../src/domain/errors.js';
import type { RepositoryName } from '../../../src/domain/repository/repository-name.js';
import type { PullBlob } from '../../../src/application/use-cases/blob/pull-blob.js';
import type { LinkStore } from '../../../src/application/ports/storage/link-store.js';
import { StorageFault } from '../../../src/application/ports/storage/storage-fault.js';
import type { StorageDriver } from '../../../src/application/ports/storage/storage-driver.js';
import { blobPath } from '../../../src/infrastructure/storage/layout/paths.js';
import { blobOf, repository } from '../../contract/metadata/metadata-actions.js';

/** What a client was told that a repository has. */
export interface Promised {
  readonly repository: string;
  readonly content: string;
}

export const keyOf = (promise: Promised): string => `${promise.content} in ${promise.repository}`;

export function parsed(promise: Promised): { readonly name: RepositoryName; readonly blob: Blob } {
  return { name: repository(promise.repository), blob: blobOf(promise.content) };
}

/** Whether a client gets its bytes. */
export async function pullable({ pull }: { pull: PullBlob }, promise: Promised): Promise<boolean> {
  const { name, blob } = parsed(promise);
  try {
    const bytes = await (await pull.execute({ repository: name, digest: blob.digest })).bytes();
    return bytes !== undefined && Buffer.from(promise.content).equals(bytes);
  } catch (error) {
    if (error instanceof RegistryError || error instanceof StorageFault) return false;
    throw error;
  }
}

/** Whether the reference registry would serve it. */
export async function isInTree(
  { driver, links }: { driver: StorageDriver; links: LinkStore },
  promise: Promised,
): Promise<boolean> {
  const { name, blob } = parsed(promise);
  const bytes = await driver.readContent(blobPath(blob.digest), blob.size);
  const link = await links.read({ kind: 'layer', repository: name, digest: blob.digest });
  return (
    String(link) === blob.digest.toString() && Buffer.from(bytes ?? []).equals(Buffer.from(promise.content))
  );
}
