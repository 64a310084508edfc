import { sql, type Kysely, type Migration } from 'kysely';

const ROWID = sql`strict`;
const CLUSTERED = sql`strict, without rowid`;

const MANIFEST_KEY = ['repository_id', 'content_id'];

interface ForeignKey {
  onDelete(action: 'cascade' | 'restrict'): this;
}
const cascade = <T extends ForeignKey>(key: T): T => key.onDelete('cascade');
const restrict = <T extends ForeignKey>(key: T): T => key.onDelete('restrict');

/** Names, content and uploads: everything that the protocol asks for. */
export const initial: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await createContent(db);
    await createLinks(db);
    await createTags(db);
    await createBlobReferences(db);
    await createChildReferences(db);
    await createUploads(db);
    await createIndexes(db);
    await createReviewIndexes(db);
  },
};

async function createContent(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('media_type')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .modifyEnd(ROWID)
    .execute();
  // AUTOINCREMENT here and below: an id that came back would let a late change by id hit the wrong row.
  await db.schema
    .createTable('repository')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .addColumn('populated', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('created_at', 'integer', (column) => column.notNull())
    .modifyEnd(ROWID)
    .execute();
  await db.schema
    .createTable('content')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('digest', 'blob', (column) => column.notNull().unique())
    .addColumn('size', 'integer', (column) => column.notNull())
    .addColumn('state', 'integer', (column) => column.notNull())
    .addColumn('review_after', 'integer')
    .addColumn('claim', 'blob')
    .addColumn('claimed_until', 'integer')
    .modifyEnd(ROWID)
    .execute();
}

async function createLinks(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('blob_link')
    .addColumn('repository_id', 'integer', (column) => column.notNull().references('repository.id'))
    .addColumn('content_id', 'integer', (column) => column.notNull().references('content.id'))
    .addColumn('linked_at', 'integer', (column) => column.notNull())
    .addColumn('review_after', 'integer')
    .addPrimaryKeyConstraint('blob_link_key', ['repository_id', 'content_id'])
    .modifyEnd(CLUSTERED)
    .execute();
  await db.schema
    .createTable('manifest')
    .addColumn('repository_id', 'integer', (column) => column.notNull().references('repository.id'))
    .addColumn('content_id', 'integer', (column) => column.notNull().references('content.id'))
    .addColumn('media_type_id', 'integer', (column) => column.notNull())
    .addColumn('artifact_type_id', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('subject', 'blob')
    .addColumn('pushed_at', 'integer', (column) => column.notNull())
    .addColumn('review_after', 'integer')
    .addPrimaryKeyConstraint('manifest_key', ['repository_id', 'content_id'])
    .modifyEnd(CLUSTERED)
    .execute();
  await db.schema
    .createTable('manifest_body')
    .addColumn('content_id', 'integer', (column) =>
      column.primaryKey().references('content.id').onDelete('cascade'),
    )
    .addColumn('bytes', 'blob', (column) => column.notNull())
    .modifyEnd(ROWID)
    .execute();
}

async function createTags(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('tag')
    .addColumn('repository_id', 'integer', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('content_id', 'integer', (column) => column.notNull())
    .addColumn('updated_at', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('tag_key', ['repository_id', 'name'])
    .addForeignKeyConstraint(
      'tag_manifest',
      ['repository_id', 'content_id'],
      'manifest',
      MANIFEST_KEY,
      restrict,
    )
    .modifyEnd(CLUSTERED)
    .execute();
}

/** References hold what they name by RESTRICT: the database itself refuses what would leave an image dangling. */
async function createBlobReferences(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('manifest_blob')
    .addColumn('repository_id', 'integer', (column) => column.notNull())
    .addColumn('manifest_id', 'integer', (column) => column.notNull())
    .addColumn('blob_id', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('manifest_blob_key', ['repository_id', 'manifest_id', 'blob_id'])
    .addForeignKeyConstraint(
      'manifest_blob_manifest',
      ['repository_id', 'manifest_id'],
      'manifest',
      MANIFEST_KEY,
      cascade,
    )
    .addForeignKeyConstraint(
      'manifest_blob_link',
      ['repository_id', 'blob_id'],
      'blob_link',
      MANIFEST_KEY,
      restrict,
    )
    .modifyEnd(CLUSTERED)
    .execute();
}

async function createChildReferences(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('manifest_child')
    .addColumn('repository_id', 'integer', (column) => column.notNull())
    .addColumn('parent_id', 'integer', (column) => column.notNull())
    .addColumn('child_id', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('manifest_child_key', ['repository_id', 'parent_id', 'child_id'])
    .addForeignKeyConstraint(
      'manifest_child_parent',
      ['repository_id', 'parent_id'],
      'manifest',
      MANIFEST_KEY,
      cascade,
    )
    .addForeignKeyConstraint(
      'manifest_child_child',
      ['repository_id', 'child_id'],
      'manifest',
      MANIFEST_KEY,
      restrict,
    )
    .modifyEnd(CLUSTERED)
    .execute();
}

async function createUploads(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('upload')
    .addColumn('id', 'blob', (column) => column.primaryKey().notNull())
    .addColumn('repository_id', 'integer', (column) => column.notNull().references('repository.id'))
    .addColumn('algorithm', 'integer', (column) => column.notNull())
    .addColumn('offset', 'integer', (column) => column.notNull())
    .addColumn('fence', 'integer', (column) => column.notNull())
    .addColumn('lease', 'blob')
    .addColumn('lease_until', 'integer')
    .addColumn('started_at', 'integer', (column) => column.notNull())
    .addColumn('touched_at', 'integer', (column) => column.notNull())
    .addColumn('state', 'integer', (column) => column.notNull())
    .addColumn('completed', 'blob')
    .modifyEnd(CLUSTERED)
    .execute();
}

/** What names something, in the direction opposite to the keys. */
async function createIndexes(db: Kysely<unknown>): Promise<void> {
  const index = (name: string, table: string, columns: readonly string[]) =>
    db.schema
      .createIndex(name)
      .on(table)
      .columns([...columns]);
  await index('repository_catalog', 'repository', ['name']).where('populated', '=', 1).execute();
  await index('blob_link_content', 'blob_link', ['content_id', 'repository_id']).execute();
  await index('manifest_content', 'manifest', ['content_id', 'repository_id']).execute();
  await index('manifest_referrer', 'manifest', ['repository_id', 'subject', 'artifact_type_id', 'content_id'])
    .where('subject', 'is not', null)
    .execute();
  await index('manifest_blob_blob', 'manifest_blob', ['blob_id', 'repository_id', 'manifest_id']).execute();
  await index('manifest_child_child', 'manifest_child', ['child_id', 'repository_id', 'parent_id']).execute();
  await index('tag_content', 'tag', ['repository_id', 'content_id']).execute();
  await index('upload_repository', 'upload', ['repository_id']).execute();
  await index('upload_state', 'upload', ['state', 'touched_at']).execute();
}

/** What collection has to look at, by the time when it is due. */
async function createReviewIndexes(db: Kysely<unknown>): Promise<void> {
  for (const table of ['content', 'blob_link', 'manifest']) {
    await db.schema
      .createIndex(`${table}_review`)
      .on(table)
      .column('review_after')
      .where('review_after', 'is not', null)
      .execute();
  }
  await db.schema
    .createIndex('content_claimed')
    .on('content')
    .column('claimed_until')
    .where('claimed_until', 'is not', null)
    .execute();
}
