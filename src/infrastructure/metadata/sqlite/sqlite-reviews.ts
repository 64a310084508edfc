import type {
  DueName,
  DuePage,
  LinkReview,
  ManifestReview,
  Removal,
  RequestedTimes,
  ReviewMoment,
  Reviews,
  UnreadableRepository,
  YoungContent,
} from '../../../application/ports/metadata/reviews.js';
import { ON_REQUEST, type Grace } from '../../../domain/lifecycle/grace.js';
import type { RepositoryName } from '../../../domain/repository/repository-name.js';
import { blobStatements } from '../sql/blob-statements.js';
import { lookStatements } from '../sql/look-statements.js';
import { manifestStatements } from '../sql/manifest-statements.js';
import { reviewStatements } from '../sql/review-statements.js';
import { CollectionLooks } from './collection-looks.js';
import { ContentRows } from './content-rows.js';
import { DepartedSubjects, REFERRERS_AT_ONCE } from './departed-subjects.js';
import { DueNames } from './due-names.js';
import { JournalRows } from './journal-rows.js';
import type { UnkeptManifest } from './manifest-graphs.js';
import { ManifestRemoval } from './manifest-removal.js';
import { RepositoryRows, type RepositoryRow } from './repository-rows.js';
import type { SqliteDatabase } from './sqlite-database.js';
import type { UnwrittenReference } from './unwritten-references.js';

export class SqliteReviews implements Reviews {
  readonly #database: SqliteDatabase;
  readonly #due: DueNames;
  readonly #looks: CollectionLooks;
  readonly #repositories: RepositoryRows;
  readonly #contents: ContentRows;
  readonly #journal: JournalRows;
  readonly #departed: DepartedSubjects;
  readonly #removal: ManifestRemoval;
  readonly #requested;
  readonly #set;
  readonly #unlink;
  readonly #addBlob;
  readonly #addChild;
  readonly #dropUnreadable;

  /** @param referrersAtOnce of a subject that went, looked at in one transaction */
  constructor(database: SqliteDatabase, grace: Grace, referrersAtOnce = REFERRERS_AT_ONCE) {
    this.#database = database;
    this.#due = new DueNames(database);
    this.#looks = new CollectionLooks(database, lookStatements);
    this.#repositories = new RepositoryRows(database);
    this.#contents = new ContentRows(database);
    this.#journal = new JournalRows(database);
    this.#departed = new DepartedSubjects(database, referrersAtOnce);
    this.#removal = new ManifestRemoval(database, grace, this.#departed);
    this.#requested = {
      links: database.prepare(reviewStatements.requestedLinks),
      manifests: database.prepare(reviewStatements.requestedManifests),
      contents: database.prepare(reviewStatements.requestedContents),
    };
    this.#set = {
      link: database.prepare(reviewStatements.setLink),
      manifest: database.prepare(reviewStatements.setManifest),
      content: database.prepare(reviewStatements.setContent),
    };
    this.#unlink = database.prepare(blobStatements.unlink);
    this.#addBlob = database.prepare(manifestStatements.addBlob);
    this.#addChild = database.prepare(manifestStatements.addChild);
    this.#dropUnreadable = database.prepare(reviewStatements.dropUnreadable);
  }

  request({ links: linksAt, others }: RequestedTimes, limit: number): Promise<number> {
    return this.#database.transaction(() => {
      const links = this.#requested.links.all(limit);
      for (const row of links) this.#set.link.run(row.repository_id, row.content_id, linksAt);
      const manifests = this.#requested.manifests.all(limit - links.length);
      for (const row of manifests) this.#set.manifest.run(row.repository_id, row.content_id, others);
      const contents = this.#requested.contents.all(limit - links.length - manifests.length);
      for (const { id } of contents) this.#set.content.run(id, others);
      return links.length + manifests.length + contents.length;
    });
  }

  async scheduleReferrers(): Promise<boolean> {
    if (!this.#departed.areLeft) return false;
    await this.#database.transaction(() => this.#departed.goOn());
    return true;
  }

  async countDue(dueUntil: RequestedTimes, what: { readonly untagged: boolean }): Promise<number> {
    return this.#due.count(dueUntil, what);
  }

  async dueLinks(page: DuePage): Promise<readonly DueName[]> {
    return this.#due.links(page);
  }

  async dueManifests(page: DuePage): Promise<readonly DueName[]> {
    return this.#due.manifests(page);
  }

  reviewLinks(
    links: readonly DueName[],
    moment: ReviewMoment,
    removal: Removal = 'remove',
  ): Promise<readonly LinkReview[]> {
    return this.#database.transaction(() => links.map((link) => this.#reviewLink(link, moment, removal)));
  }

  reviewManifest(
    manifest: DueName,
    { now, dueUntil }: ReviewMoment,
    removal: Removal = 'remove',
  ): Promise<ManifestReview> {
    const { repository } = manifest;
    const [, repositoryId, contentId] = manifest.cursor;
    return this.#database.transaction((): ManifestReview => {
      if (!this.#looks.isManifestDue(repositoryId, contentId, dueUntil)) return { kind: 'not-due' };
      const verdict = this.#looks.manifest(repositoryId, contentId, dueUntil);
      if (verdict.kind === 'unkept') {
        if (removal === 'tell') return { kind: 'unkept' };
        return this.#removeManifests({ id: repositoryId, name: repository }, verdict.manifests, now);
      }
      const isKept = verdict.kind === 'kept';
      if (isKept) for (const reference of verdict.unwritten) this.#writeChild(repositoryId, reference);
      this.#set.manifest.run(repositoryId, contentId, isKept ? null : ON_REQUEST);
      return { kind: verdict.kind };
    });
  }

  async young(dueUntil: number): Promise<YoungContent> {
    return this.#due.young(dueUntil);
  }

  async unreadable(after: number, limit: number): Promise<readonly UnreadableRepository[]> {
    return this.#due.unreadable(after, limit);
  }

  dropUnreadable(repository: RepositoryName): Promise<number> {
    return this.#database.transaction(() => {
      const id = this.#repositories.find(repository);
      return id === undefined ? 0 : this.#dropUnreadable.change(id);
    });
  }

  #reviewLink(
    { repository, digest, cursor }: DueName,
    { now, dueUntil }: ReviewMoment,
    removal: Removal,
  ): LinkReview {
    const [, repositoryId, contentId] = cursor;
    if (!this.#looks.isLinkDue(repositoryId, contentId, dueUntil)) return { kind: 'not-due' };
    const verdict = this.#looks.link(repositoryId, contentId, digest);
    switch (verdict.kind) {
      case 'unwritten':
        for (const { manifestId } of verdict.references) {
          this.#addBlob.run(repositoryId, manifestId, contentId);
        }
        this.#set.link.run(repositoryId, contentId, null);
        return { kind: 'referenced' };
      case 'referenced':
        this.#set.link.run(repositoryId, contentId, null);
        return { kind: 'referenced' };
      case 'unreadable':
        this.#set.link.run(repositoryId, contentId, ON_REQUEST);
        return { kind: 'unreadable' };
      case 'unreferenced': {
        if (removal === 'tell') return { kind: 'unreferenced' };
        this.#unlink.run(repositoryId, contentId);
        this.#contents.lostBy(repositoryId, contentId, now);
        this.#repositories.depopulate(repositoryId);
        const name = { kind: 'layer', repository, digest } as const;
        return {
          kind: 'unlinked',
          changes: [
            this.#journal.add({ repositoryId, contentId }, name, { replaced: digest, given: undefined }),
          ],
        };
      }
    }
  }

  #removeManifests(
    repository: RepositoryRow,
    unkept: readonly UnkeptManifest[],
    now: number,
  ): ManifestReview {
    const changes = unkept.flatMap(({ contentId, digest }) =>
      this.#removal.remove(repository, contentId, digest, now),
    );
    const manifests = unkept.map(({ digest, size }) => ({ repository: repository.name, digest, size }));
    return { kind: 'removed', manifests, changes };
  }

  #writeChild(repositoryId: number, { manifestId, contentId }: UnwrittenReference): void {
    this.#addChild.run(repositoryId, manifestId, contentId);
  }
}
