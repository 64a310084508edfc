import type { DigestAlgorithm } from '../../../domain/content/digest.js';
import type { RepositoryName } from '../../../domain/repository/repository-name.js';
import type { UploadId } from '../../../domain/upload/upload-id.js';
import type { UploadSessions } from '../../ports/metadata/upload-sessions.js';
import type { Clock } from '../../ports/system/clock.js';
import type { Random } from '../../ports/system/random.js';

/**
 * Begins an upload session (OCI end-4a, end-4c). Only its row is made: files follow with the first bytes, since files
 * without a row would belong to nobody.
 */
export class StartUpload {
  readonly #sessions: UploadSessions;
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(sessions: UploadSessions, clock: Clock, random: Random) {
    this.#sessions = sessions;
    this.#clock = clock;
    this.#random = random;
  }

  /** @param request.algorithm what the client says it will use; the closing request decides */
  async execute(request: { repository: RepositoryName; algorithm: DigestAlgorithm }): Promise<UploadId> {
    const { repository, algorithm } = request;
    const id = this.#random.uploadId();
    await this.#sessions.create({ id, repository, algorithm, now: this.#clock.now() });
    return id;
  }
}
