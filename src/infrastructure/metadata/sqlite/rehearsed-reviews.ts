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
import { departedSubjectStatements } from '../sql/departed-subject-statements.js';
import { encodeDigest } from '../sql/digest-codec.js';
import { rehearsedLookStatements } from '../sql/look-statements.js';
import { REHEARSAL_TABLES, rehearsalStatements } from '../sql/rehearsal-statements.js';
import { CollectionLooks } from './collection-looks.js';
import { BEFORE_REFERRERS, BEFORE_SUBJECTS } from './departed-subjects.js';
import { DueNames, toDueName } from './due-names.js';
import type { UnkeptManifest } from './manifest-graphs.js';
import type { SqliteDatabase } from './sqlite-database.js';

/** Where the names begin that the rehearsal itself has made due: behind everything that the database has. */
const NEXT = Infinity;

/**
 * Says what reviews would do, and changes nothing: what would be gone is noted in temporary tables, and what that would
 * make due is looked at as well. Make one for each rehearsal, over a connection of its own.
 */
export class RehearsedReviews implements Reviews {
  readonly #database: SqliteDatabase;
  readonly #grace: Grace;
  readonly #due: DueNames;
  readonly #looks: CollectionLooks;
  readonly #note;
  readonly #next;
  readonly #departed;
  #lastDeparted = BEFORE_SUBJECTS;
  #requested: RequestedTimes | undefined;

  constructor(database: SqliteDatabase, grace: Grace) {
    this.#database = database;
    this.#grace = grace;
    database.addTemporaryTables(REHEARSAL_TABLES);
    this.#due = new DueNames(database);
    this.#looks = new CollectionLooks(database, rehearsedLookStatements);
    this.#note = {
      link: database.prepare(rehearsalStatements.loseLink),
      manifest: database.prepare(rehearsalStatements.loseManifest),
      content: database.prepare(rehearsalStatements.reviewContent),
      blobs: database.prepare(rehearsalStatements.reviewBlobs),
      children: database.prepare(rehearsalStatements.reviewChildren),
      referrers: database.prepare(rehearsalStatements.reviewReferrers),
    };
    this.#next = {
      links: database.prepare(rehearsalStatements.nextLinks),
      manifests: database.prepare(rehearsalStatements.nextManifests),
    };
    this.#departed = {
      next: database.prepare(departedSubjectStatements.next),
      manifestId: database.prepare(rehearsedLookStatements.manifestId),
    };
  }

  /** Nothing is changed; pages have these rows from now on. */
  async request(times: RequestedTimes): Promise<number> {
    this.#requested = times;
    return 0;
  }

  /** Those that were noted before it began: what it takes out itself leaves nothing for later. */
  async scheduleReferrers(): Promise<boolean> {
    return this.#database.snapshot(() => {
      const departed = this.#departed.next.get(...this.#lastDeparted);
      if (departed === undefined) return false;
      const subject = [departed.repository_id, departed.subject] as const;
      const isBack = this.#departed.manifestId.get(...subject) !== undefined;
      const last = [departed.last_type_id, departed.last_content_id] as const;
      if (!isBack) this.#note.referrers.run(...subject, ...last, departed.since, departed.since);
      this.#lastDeparted = subject;
      return true;
    });
  }

  async countDue(dueUntil: RequestedTimes, what: { readonly untagged: boolean }): Promise<number> {
    return this.#due.count(dueUntil, what);
  }

  async dueLinks(page: DuePage): Promise<readonly DueName[]> {
    const real = this.#real(page, this.#requested?.links, (each) => this.#due.links(each));
    if (real.length > 0) return real;
    const [review, repositoryId, contentId] = page.after ?? [0, 0, 0];
    const from = review === NEXT ? ([repositoryId, contentId] as const) : ([0, 0] as const);
    return this.#next.links
      .all(page.dueUntil, ...from, page.limit)
      .map((row) => toDueName({ ...row, review_after: NEXT }));
  }

  async dueManifests(page: DuePage): Promise<readonly DueName[]> {
    const real = this.#real(page, this.#requested?.others, (each) => this.#due.manifests(each));
    if (real.length > 0) return real;
    const [review, repositoryId, contentId] = page.after ?? [0, 0, 0];
    const from = review === NEXT ? ([repositoryId, contentId] as const) : ([0, 0] as const);
    return this.#next.manifests
      .all(page.dueUntil, ...from, page.limit)
      .map((row) => toDueName({ ...row, review_after: NEXT }));
  }

  async reviewLinks(
    links: readonly DueName[],
    { dueUntil }: ReviewMoment,
    removal: Removal = 'remove',
  ): Promise<readonly LinkReview[]> {
    return this.#database.snapshot(() => links.map((link) => this.#reviewLink(link, dueUntil, removal)));
  }

  async reviewManifest(
    manifest: DueName,
    moment: ReviewMoment,
    removal: Removal = 'remove',
  ): Promise<ManifestReview> {
    const { repository } = manifest;
    const [, repositoryId, contentId] = manifest.cursor;
    return this.#database.snapshot((): ManifestReview => {
      const { dueUntil } = moment;
      const requestedAt = this.#requested?.others;
      if (!this.#looks.isManifestDue(repositoryId, contentId, dueUntil, requestedAt)) {
        return { kind: 'not-due' };
      }
      const verdict = this.#looks.manifest(repositoryId, contentId, dueUntil, requestedAt);
      if (verdict.kind !== 'unkept' || removal === 'tell') return { kind: verdict.kind };
      for (const unkept of verdict.manifests) this.#loseManifest(repositoryId, unkept, moment);
      const manifests = verdict.manifests.map(({ digest, size }) => ({ repository, digest, size }));
      return { kind: 'removed', manifests, changes: [] };
    });
  }

  async young(dueUntil: number): Promise<YoungContent> {
    return this.#due.young(dueUntil);
  }

  async unreadable(after: number, limit: number): Promise<readonly UnreadableRepository[]> {
    return this.#due.unreadable(after, limit);
  }

  async dropUnreadable(): Promise<number> {
    throw new Error('a rehearsal changes nothing');
  }

  #reviewLink(
    { digest, cursor: [, repositoryId, contentId] }: DueName,
    dueUntil: number,
    removal: Removal,
  ): LinkReview {
    const requestedAt = this.#requested?.links;
    if (!this.#looks.isLinkDue(repositoryId, contentId, dueUntil, requestedAt)) return { kind: 'not-due' };
    const { kind } = this.#looks.link(repositoryId, contentId, digest);
    if (kind === 'unwritten') return { kind: 'referenced' };
    if (kind !== 'unreferenced' || removal === 'tell') return { kind };
    this.#note.link.run(repositoryId, contentId);
    this.#note.content.run(contentId);
    return { kind: 'unlinked', changes: [] };
  }

  #loseManifest(repositoryId: number, { contentId, digest }: UnkeptManifest, { now }: ReviewMoment): void {
    this.#note.manifest.run(repositoryId, contentId);
    this.#note.content.run(contentId);
    this.#note.blobs.run(repositoryId, contentId, this.#grace.end(now));
    this.#note.children.run(repositoryId, contentId, this.#grace.end(now));
    // A request has given the adopted ones a time of their own.
    const adoptedUntil = this.#requested === undefined ? now : 0;
    this.#note.referrers.run(repositoryId, encodeDigest(digest), ...BEFORE_REFERRERS, now, adoptedUntil);
  }

  /** What the database has: first what is due, then what waits for a request. */
  #real(
    page: DuePage,
    requestedAt: number | undefined,
    read: (page: DuePage) => readonly DueName[],
  ): readonly DueName[] {
    const { after, dueUntil } = page;
    const reached = after?.[0] ?? -1;
    const due = reached <= dueUntil ? read(page) : [];
    const areRequested = requestedAt !== undefined && requestedAt <= dueUntil;
    if (due.length > 0 || !areRequested || reached > ON_REQUEST) return due;
    const behind = reached === ON_REQUEST ? after : ([ON_REQUEST - 1, ON_REQUEST, 0] as const);
    return read({ ...page, dueUntil: ON_REQUEST, after: behind });
  }
}
