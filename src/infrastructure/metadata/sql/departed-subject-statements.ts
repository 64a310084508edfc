import { sql, type ExpressionBuilder } from 'kysely';
import { ON_REQUEST } from '../../../domain/lifecycle/grace.js';
import type { Schema } from './schema.js';
import { db, statement } from './statement.js';

/**
 * The contents that refer to a subject, behind one of them, to be found first: where more is asked of their rows SQLite
 * would rather walk all manifests of the repository than take the index of referrers.
 */
export const referrersBehind = (
  repositoryId: number,
  subject: Uint8Array,
  lastTypeId: number,
  lastContentId: number,
) =>
  db
    .selectFrom('manifest')
    .select('content_id')
    .where('repository_id', '=', repositoryId)
    .where('subject', '=', subject)
    .where(sql<boolean>`(artifact_type_id, content_id) > (${lastTypeId}, ${lastContentId})`);

/**
 * Of manifests that are due at no time of their own; the others keep the grace they have. What was adopted later than
 * `adoptedUntil` goes on waiting for a request.
 */
export const withoutReview = (adoptedUntil: number) => (row: ExpressionBuilder<Schema, 'manifest'>) =>
  row.or([
    row('review_after', 'is', null),
    row.and([row('review_after', '=', ON_REQUEST), row('pushed_at', '<=', adoptedUntil)]),
  ]);

/**
 * When a row of `manifest as m` is reviewed. One that was not looked at yet since its subject went is due since then, unless
 * the subject is back.
 */
export const reviewTimeBySubject = sql<number | null>`ifnull((
  select d.since from departed_subject d
  where d.repository_id = m.repository_id and d.subject = m.subject
    and (m.artifact_type_id, m.content_id) > (d.last_type_id, d.last_content_id)
    and (m.review_after is null or (m.review_after = ${sql.lit(ON_REQUEST)} and m.pushed_at <= d.since))
    and not exists (select 1 from content c cross join manifest s
      where c.digest = d.subject and s.repository_id = d.repository_id and s.content_id = c.id)
), m.review_after)`;

/** Subjects that went, and the referrers that they leave, in the order of (artifact type, content). */
export const departedSubjectStatements = {
  /** The one that closes a batch, when it is full. */
  lastOfBatch: statement(
    (repositoryId: number, subject: Uint8Array, lastTypeId: number, lastContentId: number, before: number) =>
      referrersBehind(repositoryId, subject, lastTypeId, lastContentId)
        .select('artifact_type_id')
        .orderBy('artifact_type_id')
        .orderBy('content_id')
        .limit(1)
        .offset(before),
  ),

  reviewBatch: statement(
    (
      repositoryId: number,
      subject: Uint8Array,
      lastTypeId: number,
      lastContentId: number,
      limit: number,
      reviewAfter: number,
    ) =>
      db
        .updateTable('manifest')
        .set({ review_after: reviewAfter })
        .where('repository_id', '=', repositoryId)
        .where(
          'content_id',
          'in',
          referrersBehind(repositoryId, subject, lastTypeId, lastContentId)
            .orderBy('artifact_type_id')
            .orderBy('content_id')
            .limit(limit),
        )
        .where(withoutReview(reviewAfter)),
  ),

  note: statement(
    (repositoryId: number, subject: Uint8Array, since: number, lastTypeId: number, lastContentId: number) => {
      const latest = { since, last_type_id: lastTypeId, last_content_id: lastContentId };
      return db
        .insertInto('departed_subject')
        .values({ repository_id: repositoryId, subject, ...latest })
        .onConflict((conflict) => conflict.columns(['repository_id', 'subject']).doUpdateSet(latest));
    },
  ),

  /** The first behind another; the key makes it no walk. */
  next: statement((repositoryId: number, subject: Uint8Array) =>
    db
      .selectFrom('departed_subject')
      .select(['repository_id', 'subject', 'since', 'last_type_id', 'last_content_id'])
      .where(sql<boolean>`(repository_id, subject) > (${repositoryId}, ${subject})`)
      .orderBy('repository_id')
      .orderBy('subject')
      .limit(1),
  ),

  forget: statement((repositoryId: number, subject: Uint8Array) =>
    db
      .deleteFrom('departed_subject')
      .where('repository_id', '=', repositoryId)
      .where('subject', '=', subject),
  ),
};
