import { Blob } from '../../../domain/content/blob.js';
import type { Digest } from '../../../domain/content/digest.js';
import type { RepositoryName } from '../../../domain/repository/repository-name.js';
import { UploadUnknown } from '../../../domain/upload/upload-errors.js';
import type { UploadId } from '../../../domain/upload/upload-id.js';
import type { RequestContext } from '../../request-context.js';
import type { BlobCommit } from '../../services/blob-commit.js';
import type { UploadBody } from '../../services/upload-body.js';
import type { WholeBodies } from '../../services/whole-bodies.js';
import type { CancelUpload } from './cancel-upload.js';
import type { CompleteUpload } from './complete-upload.js';
import type { StartUpload } from './start-upload.js';

export interface PushBlobRequest {
  readonly repository: RepositoryName;
  readonly digest: Digest;
  /** Bytes; undefined for a chunked body. */
  readonly length: number | undefined;
  readonly body: UploadBody;
}

/** Uploads a blob with a single request (OCI end-4b): a large one by a session of which its client never hears. */
export class PushBlob {
  readonly #commit: BlobCommit;
  readonly #bodies: WholeBodies;
  readonly #start: StartUpload;
  readonly #complete: CompleteUpload;
  readonly #cancel: CancelUpload;

  constructor(
    commit: BlobCommit,
    bodies: WholeBodies,
    start: StartUpload,
    complete: CompleteUpload,
    cancel: CancelUpload,
  ) {
    this.#commit = commit;
    this.#bodies = bodies;
    this.#start = start;
    this.#complete = complete;
    this.#cancel = cancel;
  }

  /** @throws DigestInvalid, SizeInvalid, BodyCut; nothing is left of a failed push */
  async execute(request: PushBlobRequest, context: RequestContext): Promise<void> {
    const { repository, digest, length, body } = request;
    const taken = await this.#bodies.use(body, length, digest.algorithm, async (whole) => {
      const bytes = whole.content;
      const blob = Blob.verified(digest, whole.digest, bytes.length);
      await this.#commit.commit({ repository, upload: undefined, blob, bytes }, context);
      return true;
    });
    if (taken === undefined) await this.#pushBySession(request, context);
  }

  async #pushBySession(request: PushBlobRequest, context: RequestContext): Promise<void> {
    const { repository, digest, length, body } = request;
    const id = await this.#start.execute({ repository, algorithm: digest.algorithm });
    const claim = { range: undefined, length, locationOffset: undefined };
    try {
      await this.#complete.execute({ repository, id, digest, claim, body }, context);
    } catch (error) {
      await this.#abandon(repository, id);
      throw error;
    }
  }

  async #abandon(repository: RepositoryName, id: UploadId): Promise<void> {
    try {
      await this.#cancel.execute({ repository, id });
    } catch (error) {
      if (!(error instanceof UploadUnknown)) throw error;
    }
  }
}
