import type { DigestAlgorithm } from '../../../domain/content/digest.js';
import type { RepositoryName } from '../../../domain/repository/repository-name.js';
import type { UploadId } from '../../../domain/upload/upload-id.js';
import type { UploadSessions } from '../../ports/metadata/upload-sessions.js';
import type { Clock } from '../../ports/system/clock.js';
import type { Random } from '../../ports/system/random.js';

/** Begins an upload session (OCI end-4a, end-4c). Its row is made with what is first done to it, its files with the first bytes. */
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
    const [random, now] = [this.#random.uploadId(), this.#clock.now()];
    return this.#sessions.begin({ random, repository, algorithm, now });
  }
}
