import type { ClaimToken } from '../../../application/ports/storage/blob-removal.js';
import type { StagedFile } from '../../../application/ports/storage/upload-store.js';
import type { Digest } from '../../../domain/content/digest.js';
import type { LinkedName } from '../../../domain/repository/linked-name.js';
import type { RepositoryName } from '../../../domain/repository/repository-name.js';
import type { TagName } from '../../../domain/tag/tag-name.js';
import type { UploadId } from '../../../domain/upload/upload-id.js';

/*
 * The reference registry's tree. This is the only place that joins its paths.
 *
 *   docker/registry/v2/
 *   ├── blobs/<algorithm>/<first two hex digits>/<hex>/
 *   │   └── data                      the bytes of a blob or manifest
 *   └── repositories/<name>/
 *       ├── _layers/<algorithm>/<hex>/
 *       │   └── link                  that the repository has the blob: its digest, no line break
 *       ├── _manifests/
 *       │   ├── revisions/<algorithm>/<hex>/
 *       │   │   ├── link              that the repository has the manifest
 *       │   │   └── stowage.json      what its bytes do not tell (the reference ignores it)
 *       │   └── tags/<tag>/
 *       │       ├── current/link      what the tag points at
 *       │       └── index/<algorithm>/<hex>/link     what it has ever pointed at
 *       └── _uploads/<id>/
 *           ├── startedat             when the session began; RFC 3339, UTC, whole seconds, no line break
 *           └── data.<fence>          what has arrived, written under the lease with that fence (the reference: data)
 */
const ROOT = 'docker/registry/v2';

export const blobsPath = `${ROOT}/blobs`;
export const repositoriesPath = `${ROOT}/repositories`;

/** Beside the tree, where the reference does not look: which database it belongs to, and when it was last flushed. */
export const ownerPath = 'stowage/owner.json';
export const flushedPath = 'stowage/flushed';
/** Written to learn what time it is there. */
export const clockPath = 'stowage/clock';
/** There when the times of files do not tell what others have changed: the next start compares everything. */
export const distrustPath = 'stowage/compare-all';

/** Blobs on their way from another storage: `stowage/copy/<algorithm>-<hex>`; and that a copy has begun. */
export const copiesPath = 'stowage/copy';
export const copyBegunPath = `${copiesPath}/begun`;

export function incomingPath({ algorithm, hex }: Digest): string {
  return `${copiesPath}/${algorithm}-${hex}`;
}

/** Fences of removals: `stowage/gc/<token>/`, and in it what was taken under the claim, `<algorithm>-<hex>`. */
export const fencesPath = 'stowage/gc';

export function fencePath(token: ClaimToken): string {
  return `${fencesPath}/${token.toString('hex')}`;
}

export function takenPath({ algorithm, hex }: Digest, token: ClaimToken): string {
  return `${fencePath(token)}/${algorithm}-${hex}`;
}

export function blobPath(digest: Digest): string {
  return `${blobFolderPath(digest)}/data`;
}

export function blobFolderPath({ algorithm, hex }: Digest): string {
  return `${blobsPath}/${algorithm}/${hex.slice(0, 2)}/${hex}`;
}

/** Of a name as it is in the tree, which need not be one by the grammar. */
export function storedPath(repository: string): string {
  return `${repositoriesPath}/${repository}`;
}

/** Of all uploads of a repository, by its name in the tree. */
export function uploadsPath(repository: string): string {
  return `${storedPath(repository)}/_uploads`;
}

function repositoryPath(repository: RepositoryName): string {
  return storedPath(repository.toString());
}

export function layerLinkPath(repository: RepositoryName, { algorithm, hex }: Digest): string {
  return `${repositoryPath(repository)}/_layers/${algorithm}/${hex}/link`;
}

export function revisionsPath(repository: RepositoryName): string {
  return `${repositoryPath(repository)}/_manifests/revisions`;
}

export function revisionPath(repository: RepositoryName, { algorithm, hex }: Digest): string {
  return `${revisionsPath(repository)}/${algorithm}/${hex}`;
}

export function tagsPath(repository: RepositoryName): string {
  return `${repositoryPath(repository)}/_manifests/tags`;
}

export function tagPath(repository: RepositoryName, tag: TagName): string {
  return `${tagsPath(repository)}/${tag.toString()}`;
}

/** That a tag points at the digest, or did so before. */
export function historyPath(repository: RepositoryName, tag: TagName, { algorithm, hex }: Digest): string {
  return `${tagPath(repository, tag)}/index/${algorithm}/${hex}/link`;
}

/** What the bytes of a manifest do not tell. */
export function declarationPath(repository: RepositoryName, digest: Digest): string {
  return `${revisionPath(repository, digest)}/stowage.json`;
}

/** The file that tells the name. */
export function linkPath(name: LinkedName): string {
  switch (name.kind) {
    case 'layer':
      return layerLinkPath(name.repository, name.digest);
    case 'revision':
      return `${revisionPath(name.repository, name.digest)}/link`;
    case 'tag':
      return `${tagPath(name.repository, name.tag)}/current/link`;
  }
}

export function uploadPath(repository: RepositoryName, id: UploadId): string {
  return `${repositoryPath(repository)}/_uploads/${id.toString()}`;
}

export function startedAtPath(repository: RepositoryName, id: UploadId): string {
  return `${uploadPath(repository, id)}/startedat`;
}

export function stagedPath({ repository, id, fence }: StagedFile): string {
  return `${uploadPath(repository, id)}/data.${fence}`;
}
