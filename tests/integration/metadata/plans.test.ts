import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adoptionStatements } from '../../../src/infrastructure/metadata/sql/adoption-statements.js';
import { blobStatements } from '../../../src/infrastructure/metadata/sql/blob-statements.js';
import { contentStatements } from '../../../src/infrastructure/metadata/sql/content-statements.js';
import { departedSubjectStatements } from '../../../src/infrastructure/metadata/sql/departed-subject-statements.js';
import { holderStatements } from '../../../src/infrastructure/metadata/sql/holder-statements.js';
import {
  lookStatements,
  rehearsedLookStatements,
} from '../../../src/infrastructure/metadata/sql/look-statements.js';
import { journalStatements } from '../../../src/infrastructure/metadata/sql/journal-statements.js';
import { manifestStatements } from '../../../src/infrastructure/metadata/sql/manifest-statements.js';
import { mediaTypeStatements } from '../../../src/infrastructure/metadata/sql/media-type-statements.js';
import { openUploadStatements } from '../../../src/infrastructure/metadata/sql/open-upload-statements.js';
import { orphanScanStatements } from '../../../src/infrastructure/metadata/sql/orphan-scan-statements.js';
import { outboxStatements } from '../../../src/infrastructure/metadata/sql/outbox-statements.js';
import { referrerStatements } from '../../../src/infrastructure/metadata/sql/referrer-statements.js';
import {
  REHEARSAL_TABLES,
  rehearsalStatements,
} from '../../../src/infrastructure/metadata/sql/rehearsal-statements.js';
import { removalStatements } from '../../../src/infrastructure/metadata/sql/removal-statements.js';
import { repositoryStatements } from '../../../src/infrastructure/metadata/sql/repository-statements.js';
import { reviewStatements } from '../../../src/infrastructure/metadata/sql/review-statements.js';
import { storedNameStatements } from '../../../src/infrastructure/metadata/sql/stored-name-statements.js';
import { tagStatements } from '../../../src/infrastructure/metadata/sql/tag-statements.js';
import { uploadStatements } from '../../../src/infrastructure/metadata/sql/upload-statements.js';
import { openConnection } from '../../../src/infrastructure/metadata/sqlite/open-connection.js';

const CATALOGUE = Object.entries({
  adoption: adoptionStatements,
  blob: blobStatements,
  holder: holderStatements,
  journal: journalStatements,
  content: contentStatements,
  departedSubject: departedSubjectStatements,
  manifest: manifestStatements,
  mediaType: mediaTypeStatements,
  openUpload: openUploadStatements,
  orphanScan: orphanScanStatements,
  outbox: outboxStatements,
  look: lookStatements,
  rehearsedLook: rehearsedLookStatements,
  referrer: referrerStatements,
  rehearsal: rehearsalStatements,
  removal: removalStatements,
  repository: repositoryStatements,
  review: reviewStatements,
  storedName: storedNameStatements,
  tag: tagStatements,
  upload: uploadStatements,
}).flatMap(([port, statements]) =>
  Object.entries(statements).map(([name, { sql }]) => ({ name: `${port}.${name}`, sql })),
);

/** The tables in the order in which each step finds at most one row, or a page along the last. */
const JOIN_ORDERS: Readonly<Record<string, readonly string[]>> = {
  'blob.find': ['r', 'c', 'l'],
  'blob.mountable': ['c', 'r', 'l'],
  'blob.mountableAnywhere': ['c', 'l', 'r'],
  'blob.referencing': ['mb', 'c'],
  'journal.pending': ['r', 'j'],
  'holder.links': ['l', 'r'],
  'holder.manifests': ['m', 'r', 'd', 'c', 's'],
  'holder.referencing': ['mb', 'm'],
  'holder.pending': ['j', 'r'],
  'holder.replacing': ['j', 'r'],
  'manifest.byTag': ['r', 't', 'm'],
  'removal.formerRepositories': ['f', 'r'],
  'manifest.byDigest': ['r', 'c', 'm'],
  'manifest.body': ['c', 'b'],
  'manifest.listing': ['mc', 'c'],
  'referrer.place': ['c', 'm'],
  'review.dueLinks': ['n', 'r', 'c'],
  'review.dueManifests': ['n', 'r', 'c'],
  'review.unreadable': ['u', 'r'],
  'look.manifest': ['m', 'c'],
  'look.manifestId': ['c', 'm'],
  'storedName.revisions': ['r', 'm', 'c'],
  'storedName.layers': ['r', 'l', 'c'],
  'tag.page': ['r', 't'],
  'tag.target': ['t', 'c'],
  'tag.digest': ['r', 't', 'c'],
  'journal.page': ['j', 'r'],
  'adoption.unreadablePaths': ['r', 'u'],
  'openUpload.page': ['u', 'r'],
  'upload.find': ['u', 'r'],
  'upload.abandoned': ['u', 'r'],
  'upload.cancelled': ['u', 'r'],
  'upload.completed': ['u', 'r'],
};

const SMALL = 10_000;
/** So few that the average repository still has one manifest: the statistics then say nothing of the big one. */
const BIG = 800;
const numbers = (count: number): string =>
  `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})`;

/** One repository with 800 manifests, tags and referrers among 10,000 with one. */
function fillLopsided(connection: DatabaseSyncInstance): void {
  const blob = (value: string): string => `CAST(printf('%033d', ${value}) AS BLOB)`;
  const [many, big] = [numbers(SMALL), numbers(BIG)];
  connection.exec(`
    BEGIN;
    INSERT INTO media_type (name) VALUES ('application/one'), ('application/two');
    ${many} INSERT INTO repository (id, name, populated, created_at) SELECT i, printf('r%d', i), 1, 1 FROM n;
    INSERT INTO repository (id, name, populated, created_at) VALUES (${SMALL + 1}, 'big', 1, 1);
    ${numbers(SMALL * 3)} INSERT INTO content (id, digest, size, state) SELECT i, ${blob('i')}, 1, 1 FROM n;
    ${many} INSERT INTO blob_link SELECT i, 1, 1, NULL FROM n;
    ${many} INSERT INTO manifest (repository_id, content_id, media_type_id, artifact_type_id, subject, pushed_at, review_after) SELECT i, i + ${SMALL}, 1, 2, NULL, 1, NULL FROM n;
    ${big} INSERT INTO blob_link SELECT ${SMALL + 1}, i, 1, i FROM n;
    ${big} INSERT INTO manifest (repository_id, content_id, media_type_id, artifact_type_id, subject, pushed_at, review_after) SELECT ${SMALL + 1}, i + ${2 * SMALL}, 1, 2, ${blob('1')}, 1, i FROM n;
    ${many} INSERT INTO tag SELECT i, 'latest', i + ${SMALL}, 1 FROM n;
    ${big} INSERT INTO tag SELECT ${SMALL + 1}, printf('t%d', i), i + ${2 * SMALL}, 1 FROM n;
    ${big} INSERT INTO manifest_blob SELECT ${SMALL + 1}, i + ${2 * SMALL}, i FROM n;
    ${big} INSERT INTO manifest_child SELECT ${SMALL + 1}, ${2 * SMALL + 1}, i + ${2 * SMALL} FROM n;
    ${many} INSERT INTO upload SELECT ${blob('i')}, 1, 1, 0, 0, NULL, NULL, 1, i, i % 3, NULL FROM n;
    COMMIT;`);
}

function planOf(connection: DatabaseSyncInstance, sql: string): readonly string[] {
  const rows = connection.prepare(`EXPLAIN QUERY PLAN ${sql}`).all() as { detail: string }[];
  return rows.map((row) => row.detail);
}

/** A step that costs what is stored and not what is asked for. */
function isCostly(step: string): boolean {
  return (step.startsWith('SCAN ') && step !== 'SCAN CONSTANT ROW') || step.includes('TEMP B-TREE');
}

/** Where the first row that is found, or that there is none, ends it. */
const UNTIL_THE_FIRST = new Set(['repository.insert', 'repository.clearPopulated']);

/** A step that costs what the repository has, which may be a million rows. */
function walksRepository(step: string): boolean {
  return /^SEARCH (tag|manifest|blob_link|manifest_blob|manifest_child)( AS)? .*\(repository_id=\?\)/.test(
    step,
  );
}

describe('plans on a lopsided database', () => {
  let connection: DatabaseSyncInstance;
  beforeAll(async () => {
    connection = await openConnection(undefined);
    fillLopsided(connection);
    for (const sql of REHEARSAL_TABLES) connection.exec(sql);
  });
  afterAll(() => connection.close());

  for (const statistics of ['without', 'with']) {
    describe(`${statistics} statistics`, () => {
      beforeAll(() => {
        if (statistics === 'with') connection.exec('ANALYZE');
      });

      it.each(CATALOGUE)('$name only searches', ({ sql }) => {
        expect(planOf(connection, sql).filter(isCostly)).toEqual([]);
      });

      it.each(CATALOGUE.filter(({ name }) => !UNTIL_THE_FIRST.has(name)))(
        '$name walks no repository',
        ({ sql }) => {
          expect(planOf(connection, sql).filter(walksRepository)).toEqual([]);
        },
      );

      it('use every index', () => {
        const plans = CATALOGUE.flatMap(({ sql }) => planOf(connection, sql)).join('\n');
        const indexes = connection
          .prepare("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL")
          .all() as { name: string }[];
        expect(indexes.length).toBeGreaterThan(10);
        expect(indexes.map(({ name }) => name).filter((name) => !plans.includes(name))).toEqual([]);
      });

      it('walk a page of referrers, of tags and of the catalog along the index that has them all', () => {
        const plan = (sql: string): string => planOf(connection, sql).join(' | ');
        expect(plan(referrerStatements.page.sql)).toMatch(
          /^SEARCH manifest USING COVERING INDEX manifest_referrer|^SEARCH manifest USING INDEX manifest_referrer/,
        );
        expect(plan(repositoryStatements.page.sql)).toBe(
          'SEARCH repository USING COVERING INDEX repository_catalog (name>?)',
        );
        expect(plan(tagStatements.page.sql)).toContain(
          'SEARCH t USING PRIMARY KEY (repository_id=? AND name>?)',
        );
      });

      it.each(Object.entries(JOIN_ORDERS))('join as it is written: %s', (name, order) => {
        const sql = CATALOGUE.find((statement) => statement.name === name)?.sql ?? '';
        const steps = planOf(connection, sql).filter((step) => step.startsWith('SEARCH'));
        expect(steps.map((step) => step.split(' ')[1])).toEqual(order);
      });
    });
  }

  it('walk a page of uploads along their index from where the last one ended', () => {
    const plan = (name: keyof typeof uploadStatements): string =>
      planOf(connection, uploadStatements[name].sql).join(' | ');
    for (const name of ['abandoned', 'completed', 'cancelled'] as const) {
      expect(plan(name)).toMatch(
        /^SEARCH u USING INDEX upload_state \(state=\? AND \(touched_at,id\)>\(\?,\?\)/,
      );
    }
  });

  it('would be turned round by the statistics without CROSS JOIN, so this database is lopsided enough', () => {
    const sql = manifestStatements.byDigest.sql.replaceAll('cross join', 'join');
    expect(planOf(connection, sql).join(' | ')).toContain('SEARCH m USING PRIMARY KEY (repository_id=?)');
  });

  it('would be found out: a query that walks is costly', () => {
    expect(planOf(connection, 'SELECT * FROM tag WHERE updated_at = ?1').some(isCostly)).toBe(true);
    expect(planOf(connection, 'SELECT size FROM content WHERE id > ?1 ORDER BY size').some(isCostly)).toBe(
      true,
    );
  });
});
