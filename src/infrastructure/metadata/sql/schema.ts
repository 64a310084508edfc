import type { Generated } from 'kysely';

/**
 * The tables as kysely sees them; migrations/ makes them. Digests are one byte for the algorithm and the hash value
 * (digest-codec.ts), times are milliseconds of Unix time, sizes and offsets are bytes.
 */
export interface Schema {
  readonly media_type: MediaTypeTable;
  readonly repository: RepositoryTable;
  readonly content: ContentTable;
  readonly blob_link: BlobLinkTable;
  readonly manifest: ManifestTable;
  readonly manifest_body: BytesTable;
  readonly waiting_bytes: WaitingBytesTable;
  readonly manifest_blob: ManifestBlobTable;
  readonly manifest_child: ManifestChildTable;
  readonly tag: TagTable;
  readonly upload: UploadTable;
  readonly journal: JournalTable;
  readonly database_identity: DatabaseIdentityTable;
  readonly sqlite_sequence: SequenceTable;
  readonly unreadable: UnreadableTable;
  readonly adoption: AdoptionTable;
  readonly orphan_scan: OrphanScanTable;
  readonly orphan_candidate: OrphanCandidateTable;
  readonly outbox_event: OutboxEventTable;
  readonly outbox_endpoint: OutboxEndpointTable;
  readonly departed_subject: DepartedSubjectTable;
  readonly former_name: NameKey;
  readonly gone_link: NameKey;
  readonly gone_manifest: NameKey;
  readonly gone_content: ContentKey;
  readonly next_link: NextName;
  readonly next_manifest: NextName;
  readonly next_content: ContentKey;
}

/** Of names that have gone, and of the temporary tables of a rehearsal (rehearsal-statements.ts). */
interface NameKey {
  repository_id: number;
  content_id: number;
}

interface NextName extends NameKey {
  review_after: number;
}

interface ContentKey {
  content_id: number;
}

interface MediaTypeTable {
  id: Generated<number>;
  name: string;
}

interface RepositoryTable {
  id: Generated<number>;
  name: string;
  /** 1 while it has a blob or a manifest: only then it exists for clients. */
  populated: Generated<0 | 1>;
  created_at: number;
}

/** One row for each life of a digest; its id is never given again. */
interface ContentTable {
  id: Generated<number>;
  digest: Uint8Array;
  size: number;
  /** CONTENT_STATE */
  state: number;
  review_after: number | null;
  /** The token of whoever removes it, and until when the claim holds. */
  claim: Uint8Array | null;
  claimed_until: number | null;
  /** 1 while nobody has read the store's bytes whole and found that they have this digest. */
  unverified: Generated<0 | 1>;
}

/** A repository has a blob. */
interface BlobLinkTable {
  repository_id: number;
  content_id: number;
  linked_at: number;
  review_after: number | null;
}

interface ManifestTable {
  repository_id: number;
  content_id: number;
  media_type_id: number;
  /** 0 for none: a NULL would drop out of the key by which referrers are paged. */
  artifact_type_id: number;
  /** A digest, since the subject need not be here. */
  subject: Uint8Array | null;
  pushed_at: number;
  review_after: number | null;
  /** 1 when the repository lacks something that it references: there is no row of that reference. */
  incomplete: Generated<0 | 1>;
}

/** Apart from the content, so that a row stays small where only its size is asked for. */
interface BytesTable {
  content_id: number;
  bytes: Uint8Array;
}

interface WaitingBytesTable extends BytesTable {
  /** The change that brought them: they go with its row. */
  journal_id: number;
}

/** A manifest of the repository references a blob of the repository. */
interface ManifestBlobTable {
  repository_id: number;
  manifest_id: number;
  blob_id: number;
}

/** An index of the repository lists a manifest of the repository. */
interface ManifestChildTable {
  repository_id: number;
  parent_id: number;
  child_id: number;
}

/** A subject that went out of its repository before all of its referrers were looked at. */
interface DepartedSubjectTable {
  repository_id: number;
  /** A digest, since its content may be gone. */
  subject: Uint8Array;
  /** When it went. */
  since: number;
  /** The last of its referrers that was looked at, in the order of (artifact type, content). */
  last_type_id: number;
  last_content_id: number;
}

interface TagTable {
  repository_id: number;
  name: string;
  content_id: number;
  updated_at: number;
}

/** A change of a name whose link files are not durable yet. */
interface JournalTable {
  id: Generated<number>;
  repository_id: number;
  /** What is named, and by what: see name-codec.ts. */
  kind: number;
  key: Uint8Array;
  /** The digest that the link held before; null when there was none. */
  replaced: Uint8Array | null;
  /** The digest that a tag was given; null when it was deleted, and for other names. */
  given: Uint8Array | null;
  /** The process that made the change, which writes the link. */
  instance: Uint8Array;
}

/** One row: by what the storage's tree knows this database. */
interface DatabaseIdentityTable {
  only: 1;
  id: Uint8Array;
}

/** SQLite's own: the highest id that each table with AUTOINCREMENT has ever given. */
interface SequenceTable {
  name: string;
  seq: number;
}

/**
 * Something of a repository in the tree that can not be understood. As long as there is one, everything that the
 * repository links may be needed.
 */
interface UnreadableTable {
  repository_id: number;
  path: string;
  /** The digest that the path is about; null when it is about none. */
  digest: Uint8Array | null;
  reason: string;
}

/** One row: how far the take-over of the tree has come. */
interface AdoptionTable {
  only: 1;
  started_at: number;
  last_repository: string | null;
  finished_at: number | null;
}

/** One row while a scan for orphans is under way. */
interface OrphanScanTable {
  only: 1;
  started_at: number;
  grace: number;
  last_digest: Uint8Array | null;
}

/** Bytes that no row knows, while it is not known whether a link names them. */
interface OrphanCandidateTable {
  digest: Uint8Array;
}

/** An event that not every endpoint has got. */
interface OutboxEventTable {
  id: Generated<number>;
  created_at: number;
  repository: string;
  action: string;
  media_type: string;
  /** See event-codec.ts. */
  payload: string;
}

/** How far an endpoint has come, and how it fares: see EndpointState. */
interface OutboxEndpointTable {
  name: string;
  delivered_through: number;
  delivered: Generated<number>;
  dropped: Generated<number>;
  failures: Generated<number>;
  last_error: string | null;
  last_attempt: number | null;
  retry_at: number | null;
  retries_asked: Generated<number>;
}

interface UploadTable {
  /** The 16 bytes of the UUID. */
  id: Uint8Array;
  repository_id: number;
  /** As in the first byte of a digest. */
  algorithm: number;
  offset: number;
  fence: number;
  lease: Uint8Array | null;
  lease_until: number | null;
  started_at: number;
  touched_at: number;
  /** UPLOAD_STATE */
  state: number;
  completed: Uint8Array | null;
}
