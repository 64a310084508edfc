import type {
  AdoptionOutcome,
  AdoptionProgress,
  FoundManifest,
  TreeAdoption,
  TreeFindings,
} from '../../../application/ports/metadata/tree-adoption.js';
import type { StoredTag } from '../../../application/ports/storage/stored-tree.js';
import type { Digest } from '../../../domain/content/digest.js';
import type { Grace } from '../../../domain/lifecycle/grace.js';
import type { RepositoryName } from '../../../domain/repository/repository-name.js';
import { adoptionStatements } from '../sql/adoption-statements.js';
import { manifestStatements } from '../sql/manifest-statements.js';
import { digestInPath } from '../sql/digest-in-path.js';
import { encodeDigest } from '../sql/digest-codec.js';
import { AdoptedContents } from './adopted-contents.js';
import { ManifestReferences } from './manifest-references.js';
import { ManifestTags } from './manifest-tags.js';
import { MediaTypes } from './media-types.js';
import { RepositoryRows } from './repository-rows.js';
import type { SqliteDatabase } from './sqlite-database.js';

/** A row's artifact_type_id when the manifest has no artifact type. */
const NO_TYPE = 0;

export class SqliteTreeAdoption implements TreeAdoption {
  readonly #database: SqliteDatabase;
  readonly #repositories: RepositoryRows;
  readonly #contents: AdoptedContents;
  readonly #mediaTypes: MediaTypes;
  readonly #references: ManifestReferences;
  readonly #progress;
  readonly #begin;
  readonly #reach;
  readonly #finish;
  readonly #link;
  readonly #manifest;
  readonly #exists;
  readonly #putBody;
  readonly #complete;
  readonly #tags: ManifestTags;
  readonly #unreadable;
  readonly #unreadablePaths;
  readonly #readable;

  constructor(database: SqliteDatabase, grace: Grace) {
    this.#database = database;
    this.#repositories = new RepositoryRows(database);
    this.#contents = new AdoptedContents(database);
    this.#mediaTypes = new MediaTypes(database);
    this.#references = new ManifestReferences(database);
    this.#progress = database.prepare(adoptionStatements.progress);
    this.#begin = database.prepare(adoptionStatements.begin);
    this.#reach = database.prepare(adoptionStatements.reach);
    this.#finish = database.prepare(adoptionStatements.finish);
    this.#link = database.prepare(adoptionStatements.link);
    this.#manifest = database.prepare(adoptionStatements.manifest);
    this.#exists = database.prepare(manifestStatements.exists);
    this.#putBody = database.prepare(manifestStatements.putBody);
    this.#complete = database.prepare(adoptionStatements.complete);
    this.#tags = new ManifestTags(database, grace);
    this.#unreadable = database.prepare(adoptionStatements.unreadable);
    this.#unreadablePaths = database.prepare(adoptionStatements.unreadablePaths);
    this.#readable = database.prepare(adoptionStatements.readable);
  }

  async progress(): Promise<AdoptionProgress | undefined> {
    const row = this.#progress.get();
    return (
      row && {
        startedAt: row.started_at,
        lastRepository: row.last_repository ?? undefined,
        finishedAt: row.finished_at ?? undefined,
      }
    );
  }

  async begin(now: number): Promise<AdoptionProgress> {
    await this.#database.transaction(() => this.#begin.run(now));
    return (await this.progress()) ?? { startedAt: now, lastRepository: undefined, finishedAt: undefined };
  }

  add(findings: TreeFindings, now: number): Promise<AdoptionOutcome> {
    return this.#database.transaction(() => {
      const id = this.#repositories.findOrCreate(findings.repository, now);
      for (const { path, reason } of findings.unreadable) {
        this.#unreadable.run(id, path, reason, digestInPath(path) ?? null);
      }
      const { blobs, links } = this.#addBlobs(id, findings, now);
      const { added, incomplete } = this.#addManifests(id, findings.manifests, now);
      const { tags, dangling } = this.#addTags(id, findings, now);
      if (links + added.length > 0) this.#repositories.populate(id);
      return { rows: { blobs, links, manifests: added.length, tags }, dangling, incomplete };
    });
  }

  async keepUnreadable(repository: RepositoryName, paths: ReadonlySet<string>): Promise<void> {
    const rows = this.#unreadablePaths.all(repository.toString()).filter(({ path }) => !paths.has(path));
    if (rows.length === 0) return;
    await this.#database.transaction(() => {
      for (const { repository_id: id, path } of rows) this.#readable.run(id, path);
    });
  }

  async reach(repository: string): Promise<void> {
    await this.#database.transaction(() => this.#reach.run(repository));
  }

  async finish(now: number): Promise<void> {
    await this.#database.transaction(() => this.#finish.run(now));
  }

  #addBlobs(repositoryId: number, { blobs }: TreeFindings, now: number): { blobs: number; links: number } {
    const added = { blobs: 0, links: 0 };
    for (const { digest, size } of blobs) {
      const content = this.#contents.findOrAdd(digest, size);
      if (content === undefined) continue;
      if (content.isNew) added.blobs += 1;
      added.links += this.#link.change(repositoryId, content.id, now);
    }
    return added;
  }

  /** All of them before the references, which may be to one another. */
  #addManifests(
    repositoryId: number,
    manifests: readonly FoundManifest[],
    now: number,
  ): { added: readonly number[]; incomplete: readonly Digest[] } {
    const added: number[] = [];
    const written: { readonly id: number; readonly manifest: FoundManifest }[] = [];
    for (const manifest of manifests) {
      const id = this.#contents.findOrAddVerified(manifest.digest, manifest.bytes.length);
      if (id === undefined) continue;
      this.#putBody.run(id, manifest.bytes);
      if (this.#addManifest(repositoryId, id, manifest, now)) added.push(id);
      written.push({ id, manifest });
    }
    const incomplete = written.filter(({ id, manifest }) => this.#refer(repositoryId, id, manifest));
    const understood = incomplete.filter(({ manifest }) => manifest.content !== undefined);
    return { added, incomplete: understood.map(({ manifest }) => manifest.digest) };
  }

  #addManifest(repositoryId: number, id: number, manifest: FoundManifest, now: number): boolean {
    const { content, mediaType } = manifest;
    const { artifactType } = content ?? {};
    const subject = content?.subject?.digest;
    const changed = this.#manifest.change(
      repositoryId,
      id,
      this.#mediaTypes.findOrCreate(mediaType),
      artifactType === undefined ? NO_TYPE : this.#mediaTypes.findOrCreate(artifactType),
      subject === undefined ? null : encodeDigest(subject),
      now,
    );
    return changed > 0;
  }

  /** @returns whether something is missing, or not known */
  #refer(repositoryId: number, id: number, { content }: FoundManifest): boolean {
    const references = content && this.#references.resolve(repositoryId, content);
    if (references !== undefined) this.#references.write(repositoryId, id, references);
    const incomplete = references === undefined || references.missing.length > 0;
    this.#complete.run(repositoryId, id, incomplete ? 1 : 0);
    return incomplete;
  }

  #addTags(
    repositoryId: number,
    { tags, movedTags }: TreeFindings,
    now: number,
  ): { tags: number; dangling: readonly StoredTag[] } {
    let added = 0;
    const dangling: StoredTag[] = [];
    for (const tag of tags) {
      const id = this.#contents.find(tag.digest);
      const target = id === undefined ? undefined : this.#exists.get(repositoryId, id);
      if (id === undefined || target === undefined) dangling.push(tag);
      else if (this.#tags.adopt(repositoryId, id, tag.name, movedTags, now)) added += 1;
    }
    return { tags: added, dangling };
  }
}
