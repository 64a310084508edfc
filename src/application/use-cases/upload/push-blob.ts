import type { Digest } from '../../../domain/content/digest.js';
import type { RepositoryName } from '../../../domain/repository/repository-name.js';
import { UploadUnknown } from '../../../domain/upload/upload-errors.js';
import type { UploadId } from '../../../domain/upload/upload-id.js';
import type { RequestContext } from '../../request-context.js';
import type { UploadBody } from '../../services/upload-body.js';
import type { CancelUpload } from './cancel-upload.js';
import type { CompleteUpload } from './complete-upload.js';
import type { StartUpload } from './start-upload.js';

/** Uploads a blob with a single request (OCI end-4b): a session of which its client never hears. */
export class PushBlob {
  readonly #start: StartUpload;
  readonly #complete: CompleteUpload;
  readonly #cancel: CancelUpload;

  constructor(start: StartUpload, complete: CompleteUpload, cancel: CancelUpload) {
    this.#start = start;
    this.#complete = complete;
    this.#cancel = cancel;
  }

  /** @throws DigestInvalid, SizeInvalid, BodyCut; nothing is left of a failed push */
  async execute(
    request: {
      repository: RepositoryName;
      digest: Digest;
      length: number | undefined;
      body: UploadBody;
    },
    context: RequestContext,
  ): Promise<void> {
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
