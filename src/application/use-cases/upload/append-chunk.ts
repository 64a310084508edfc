import type { RepositoryName } from '../../../domain/repository/repository-name.js';
import type { UploadId } from '../../../domain/upload/upload-id.js';
import type { ChunkClaim } from '../../../domain/upload/upload-session.js';
import type { UploadStore } from '../../ports/storage/upload-store.js';
import type { Clock } from '../../ports/system/clock.js';
import type { UploadBody } from '../../services/upload-body.js';
import type { UploadLeases } from '../../services/upload-leases.js';

/** Adds bytes to a session (OCI end-5). */
export class AppendChunk {
  readonly #leases: UploadLeases;
  readonly #uploads: UploadStore;
  readonly #clock: Clock;

  constructor(leases: UploadLeases, uploads: UploadStore, clock: Clock) {
    this.#leases = leases;
    this.#uploads = uploads;
    this.#clock = clock;
  }

  /**
   * The number of bytes that the session has now.
   * @throws UploadUnknown, UploadOutOfOrder, SizeInvalid, BodyCut (what arrived is kept)
   */
  async execute(request: {
    repository: RepositoryName;
    id: UploadId;
    claim: ChunkClaim;
    body: UploadBody;
  }): Promise<number> {
    const { repository, id, claim, body } = request;
    return this.#leases.hold(repository, id, async (held) => {
      const expected = held.session.expect(claim);
      if (held.offset === 0) await this.#uploads.create(repository, id, this.#clock.now());
      await held.receive(body, expected, held.session.algorithm);
      return held.offset;
    });
  }
}
