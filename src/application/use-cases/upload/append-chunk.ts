import type { RepositoryName } from '../../../domain/repository/repository-name.js';
import type { UploadId } from '../../../domain/upload/upload-id.js';
import type { ChunkClaim } from '../../../domain/upload/upload-session.js';
import type { UploadBody } from '../../services/upload-body.js';
import type { UploadLeases } from '../../services/upload-leases.js';

/** Adds bytes to a session (OCI end-5). */
export class AppendChunk {
  readonly #leases: UploadLeases;

  constructor(leases: UploadLeases) {
    this.#leases = leases;
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
      await held.receive(body, held.session.expect(claim), held.session.algorithm);
      return held.offset;
    });
  }
}
