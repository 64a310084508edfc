import type { RepositoryName } from '../../../domain/repository/repository-name.js';
import { UploadUnknown } from '../../../domain/upload/upload-errors.js';
import type { UploadId } from '../../../domain/upload/upload-id.js';
import type { UploadSessions } from '../../ports/metadata/upload-sessions.js';
import type { UploadStore } from '../../ports/storage/upload-store.js';
import type { UploadLeases } from '../../services/upload-leases.js';

/** Says how many bytes of an upload are kept (OCI end-13), also to a client whose connection was cut a moment ago. */
export class GetUploadStatus {
  readonly #sessions: UploadSessions;
  readonly #uploads: UploadStore;
  readonly #leases: UploadLeases;

  constructor(sessions: UploadSessions, uploads: UploadStore, leases: UploadLeases) {
    this.#sessions = sessions;
    this.#uploads = uploads;
    this.#leases = leases;
  }

  /** @throws UploadUnknown also when the staged file has lost acknowledged bytes: nothing could continue it */
  async execute(request: { repository: RepositoryName; id: UploadId }): Promise<number> {
    const { repository, id } = request;
    await this.#leases.untilRecorded(id);
    const session = await this.#sessions.find(repository, id);
    if (session === undefined || session.completed !== undefined) throw new UploadUnknown(id.toString());
    if (session.offset === 0) return 0;
    const size = await this.#uploads.size({ repository, id, fence: session.fence });
    if (size === undefined || size < session.offset) throw new UploadUnknown(id.toString());
    return session.offset;
  }
}
