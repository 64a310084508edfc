import { Blob } from '../../../domain/content/blob.js';
import { type Digest, DigestInvalid } from '../../../domain/content/digest.js';
import type { RepositoryName } from '../../../domain/repository/repository-name.js';
import { UploadUnknown } from '../../../domain/upload/upload-errors.js';
import type { UploadId } from '../../../domain/upload/upload-id.js';
import type { ChunkClaim, UploadSession } from '../../../domain/upload/upload-session.js';
import type { UploadSessions } from '../../ports/metadata/upload-sessions.js';
import type { BlobStore } from '../../ports/storage/blob-store.js';
import type { UploadStore } from '../../ports/storage/upload-store.js';
import type { RequestContext } from '../../request-context.js';
import type { BlobCommit } from '../../services/blob-commit.js';
import type { HeldUpload } from '../../services/held-upload.js';
import type { UploadBody } from '../../services/upload-body.js';
import type { UploadLeases } from '../../services/upload-leases.js';
import type { WholeBodies } from '../../services/whole-bodies.js';
import type { CancelUpload } from './cancel-upload.js';

export interface CompleteUploadRequest {
  readonly repository: RepositoryName;
  readonly id: UploadId;
  readonly digest: Digest;
  readonly claim: ChunkClaim;
  readonly body: UploadBody;
}

/** Closes a session with its last bytes and the digest of all (OCI end-6). */
export class CompleteUpload {
  readonly #sessions: UploadSessions;
  readonly #uploads: UploadStore;
  readonly #blobs: BlobStore;
  readonly #leases: UploadLeases;
  readonly #commit: BlobCommit;
  readonly #bodies: WholeBodies;
  readonly #cancel: CancelUpload;
  /** Closing requests in work, so that a repeated one waits for the first instead of reading everything again. */
  readonly #running = new Map<string, Promise<void>>();

  constructor(
    sessions: UploadSessions,
    uploads: UploadStore,
    blobs: BlobStore,
    leases: UploadLeases,
    commit: BlobCommit,
    bodies: WholeBodies,
    cancel: CancelUpload,
  ) {
    this.#sessions = sessions;
    this.#uploads = uploads;
    this.#blobs = blobs;
    this.#leases = leases;
    this.#commit = commit;
    this.#bodies = bodies;
    this.#cancel = cancel;
  }

  /**
   * When it resolves the repository has the blob, and it survives a power loss.
   * @throws DigestInvalid (the session is gone), UploadUnknown, UploadOutOfOrder, SizeInvalid, BodyCut
   */
  async execute(request: CompleteUploadRequest, context: RequestContext): Promise<void> {
    const key = `${request.id.toString()} ${request.digest.toString()}`;
    const earlier = request.claim.length === 0 ? this.#running.get(key) : undefined;
    if (earlier !== undefined) return earlier;
    const running = this.#complete(request, context).finally(() => this.#running.delete(key));
    this.#running.set(key, running);
    return running;
  }

  async #complete(request: CompleteUploadRequest, context: RequestContext): Promise<void> {
    const { repository, id, digest } = request;
    const session = await this.#sessions.find(repository, id);
    if (session === undefined) throw new UploadUnknown(id.toString());
    if (session.completed !== undefined) {
      if (session.completed.equals(digest)) return;
      throw new UploadUnknown(id.toString());
    }
    try {
      const whole = await this.#takeWhole(session, request, context);
      if (whole) return;
      await this.#leases.hold(repository, id, async (held, closed) => {
        await this.#close(held, request, context);
        closed();
      });
    } catch (error) {
      if (error instanceof DigestInvalid) await this.#cancel.execute({ repository, id });
      throw error;
    }
    void this.#removeStaged(request, context);
  }

  /**
   * A blob that is worth keeping in memory and comes with the closing request alone never touches the session's file, so
   * it needs no lease: a request that is still writing there finds the session closed. False when it has to be staged.
   */
  async #takeWhole(
    session: UploadSession,
    request: CompleteUploadRequest,
    context: RequestContext,
  ): Promise<boolean> {
    const { repository, id, digest, claim, body } = request;
    if (session.offset > 0) return false;
    const length = session.expect(claim);
    const taken = await this.#bodies.use(body, length, digest.algorithm, async (whole) => {
      const bytes = whole.content;
      const blob = Blob.verified(digest, whole.digest, bytes.length);
      await this.#commit.commit({ repository, upload: id, blob, bytes }, context);
      return true;
    });
    return taken ?? false;
  }

  async #close(held: HeldUpload, request: CompleteUploadRequest, context: RequestContext): Promise<void> {
    const { digest, claim, body } = request;
    const expected = held.session.expect(claim);
    if (claim.length !== 0 || held.offset === 0) await held.receive(body, expected, digest.algorithm);
    const computed = await held.digest(digest.algorithm, context);
    if (computed === undefined) {
      // Bytes that were acknowledged are not staged any more: only a placement that was cut short explains that.
      const placed = await this.#blobs.verify(digest, held.offset, context.signal);
      if (!placed) throw new UploadUnknown(request.id.toString());
    }
    const blob = Blob.verified(digest, computed ?? digest, held.offset);
    const { repository, id: upload } = request;
    await this.#commit.commit({ repository, upload, blob, bytes: held.staged }, context);
  }

  /** Behind the answer; what a crash leaves of it is removed with the session's row. */
  async #removeStaged({ repository, id }: CompleteUploadRequest, context: RequestContext): Promise<void> {
    try {
      await this.#uploads.remove(repository, id);
    } catch (error) {
      context.logger.warn('staged upload could not be removed yet', { upload: id.toString(), error });
    }
  }
}
