import type { Descriptor } from '../../../domain/content/descriptor.js';
import type { Manifest } from '../../../domain/manifest/manifest.js';
import { blobStatements } from '../sql/blob-statements.js';
import { manifestStatements } from '../sql/manifest-statements.js';
import { ContentRows } from './content-rows.js';
import type { SqliteDatabase } from './sqlite-database.js';

/** Content ids of what a repository holds of a manifest's references, and the digests of what it lacks. */
export interface ResolvedReferences {
  readonly blobs: readonly number[];
  readonly children: readonly number[];
  readonly missing: readonly string[];
}

/** References from manifests to blobs and to manifests of the same repository. */
export class ManifestReferences {
  readonly #contents: ContentRows;
  readonly #isManifest;
  readonly #isUsable;
  readonly #addBlob;
  readonly #addChild;
  readonly #addToParents;

  constructor(database: SqliteDatabase) {
    this.#contents = new ContentRows(database);
    this.#isManifest = database.prepare(manifestStatements.exists);
    this.#isUsable = database.prepare(blobStatements.isUsable);
    this.#addBlob = database.prepare(manifestStatements.addBlob);
    this.#addChild = database.prepare(manifestStatements.addChild);
    this.#addToParents = database.prepare(manifestStatements.addToParents);
  }

  /** @param repositoryId undefined when there is no such repository yet */
  resolve(repositoryId: number | undefined, manifest: Manifest): ResolvedReferences {
    const [blobs, children, missing]: [number[], number[], string[]] = [[], [], []];
    const mayBeManifests = manifest.content.kind === 'index';
    for (const reference of manifest.references) {
      const id = this.#contentId(repositoryId, reference);
      if (repositoryId === undefined || id === undefined) {
        missing.push(reference.digestText);
      } else if (mayBeManifests && this.#isManifest.get(repositoryId, id) !== undefined) {
        children.push(id);
      } else if (this.#isUsable.get(repositoryId, id) !== undefined) {
        blobs.push(id);
      } else {
        missing.push(reference.digestText);
      }
    }
    return { blobs, children, missing };
  }

  /**
   * Inside the transaction that resolved them. What is missing gets no row. An index that came when this manifest was a
   * mere blob of the repository holds it as a manifest as well: else collection would take a child of a tagged index.
   */
  write(repositoryId: number, manifestId: number, { blobs, children }: ResolvedReferences): void {
    for (const blob of blobs) this.#addBlob.run(repositoryId, manifestId, blob);
    for (const child of children) this.#addChild.run(repositoryId, manifestId, child);
    this.#addToParents.run(repositoryId, manifestId);
  }

  #contentId(repositoryId: number | undefined, { digest }: Descriptor): number | undefined {
    return repositoryId === undefined || digest === undefined ? undefined : this.#contents.find(digest);
  }
}
