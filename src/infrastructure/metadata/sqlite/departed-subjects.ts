import type { Digest } from '../../../domain/content/digest.js';
import { departedSubjectStatements } from '../sql/departed-subject-statements.js';
import { encodeDigest } from '../sql/digest-codec.js';
import { lookStatements } from '../sql/look-statements.js';
import type { SqliteDatabase } from './sqlite-database.js';

/** Referrers that one transaction looks at: a subject may have any number of them. */
export const REFERRERS_AT_ONCE = 500;

type ReferrerPlace = readonly [typeId: number, contentId: number];

/** Types begin at 0, which stands for none, and ids at 1. */
export const BEFORE_REFERRERS: ReferrerPlace = [0, 0];

type SubjectPlace = readonly [repositoryId: number, subject: Uint8Array];

export const BEFORE_SUBJECTS: SubjectPlace = [0, new Uint8Array()];

/**
 * Makes the referrers of subjects that went due, some of them at a time, inside the transactions of the ports. What is
 * left is noted, until all were looked at or the subject has come back.
 */
export class DepartedSubjects {
  readonly #atOnce: number;
  readonly #lastOfBatch;
  readonly #reviewBatch;
  readonly #note;
  readonly #next;
  readonly #forget;
  readonly #manifestId;

  constructor(database: SqliteDatabase, atOnce: number) {
    this.#atOnce = atOnce;
    this.#lastOfBatch = database.prepare(departedSubjectStatements.lastOfBatch);
    this.#reviewBatch = database.prepare(departedSubjectStatements.reviewBatch);
    this.#note = database.prepare(departedSubjectStatements.note);
    this.#next = database.prepare(departedSubjectStatements.next);
    this.#forget = database.prepare(departedSubjectStatements.forget);
    this.#manifestId = database.prepare(lookStatements.manifestId);
  }

  /** A manifest goes: the first of its referrers are due at once. What was left of an earlier time begins anew. */
  add(repositoryId: number, digest: Digest, now: number): void {
    this.#review([repositoryId, encodeDigest(digest)], BEFORE_REFERRERS, now);
  }

  /** Whether something is left; it needs no transaction. */
  get areLeft(): boolean {
    return this.#next.get(...BEFORE_SUBJECTS) !== undefined;
  }

  /** Goes on with one of them. Where the subject is back, its referrers follow when it goes again. */
  goOn(): void {
    const departed = this.#next.get(...BEFORE_SUBJECTS);
    if (departed === undefined) return;
    const subject = [departed.repository_id, departed.subject] as const;
    const isBack = this.#manifestId.get(...subject) !== undefined;
    if (isBack) this.#forget.run(...subject);
    else this.#review(subject, [departed.last_type_id, departed.last_content_id], departed.since);
  }

  #review(subject: SubjectPlace, last: ReferrerPlace, since: number): void {
    const end = this.#lastOfBatch.get(...subject, ...last, this.#atOnce - 1);
    this.#reviewBatch.run(...subject, ...last, this.#atOnce, since);
    if (end === undefined) this.#forget.run(...subject);
    else this.#note.run(...subject, since, end.artifact_type_id, end.content_id);
  }
}
