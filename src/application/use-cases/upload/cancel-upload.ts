import type { RepositoryName } from '../../../domain/repository/repository-name.js';
import { UploadUnknown } from '../../../domain/upload/upload-errors.js';
import type { UploadId } from '../../../domain/upload/upload-id.js';
import type { UploadSessions } from '../../ports/metadata/upload-sessions.js';
import type { UploadStore } from '../../ports/storage/upload-store.js';
import type { Clock } from '../../ports/system/clock.js';

/** Gives an upload session up (OCI end-14). */
export class CancelUpload {
  readonly #sessions: UploadSessions;
  readonly #uploads: UploadStore;
  readonly #clock: Clock;

  constructor(sessions: UploadSessions, uploads: UploadStore, clock: Clock) {
    this.#sessions = sessions;
    this.#uploads = uploads;
    this.#clock = clock;
  }

  /** @throws UploadUnknown */
  async execute(request: { repository: RepositoryName; id: UploadId }): Promise<void> {
    const { repository, id } = request;
    const cancelled = await this.#sessions.cancel(repository, id, this.#clock.now());
    if (!cancelled) throw new UploadUnknown(id.toString());
    await this.#uploads.remove(repository, id);
  }
}
