import type { MountBlob } from '../../../application/use-cases/blob/mount-blob.js';
import type { AppendChunk } from '../../../application/use-cases/upload/append-chunk.js';
import type { CancelUpload } from '../../../application/use-cases/upload/cancel-upload.js';
import type { CompleteUpload } from '../../../application/use-cases/upload/complete-upload.js';
import type { GetUploadStatus } from '../../../application/use-cases/upload/get-upload-status.js';
import type { PushBlob } from '../../../application/use-cases/upload/push-blob.js';
import type { StartUpload } from '../../../application/use-cases/upload/start-upload.js';
import { Digest, DigestInvalid } from '../../../domain/content/digest.js';
import { Repository } from '../../../domain/repository/repository.js';
import { RepositoryName } from '../../../domain/repository/repository-name.js';
import type { UploadId } from '../../../domain/upload/upload-id.js';
import type { Exchange } from '../exchange.js';
import { parseContentLength } from '../params/request-body.js';
import {
  parseAlgorithm,
  parseChunkClaim,
  parseExistingUpload,
  parseUpload,
} from '../params/upload-request.js';
import { uploadRange } from '../presenters/locations.js';
import type { Target } from '../routes/parse-target.js';

export interface UploadUseCases {
  readonly start: StartUpload;
  readonly append: AppendChunk;
  readonly complete: CompleteUpload;
  readonly status: GetUploadStatus;
  readonly cancel: CancelUpload;
  readonly push: PushBlob;
  readonly mount: MountBlob;
}

/** `/v2/<name>/blobs/uploads/` and `/v2/<name>/blobs/uploads/<id>` (OCI end-4, 5, 6, 11, 13, 14). */
export class UploadController {
  readonly #uploads: UploadUseCases;

  constructor(uploads: UploadUseCases) {
    this.#uploads = uploads;
  }

  /** A mount, a whole blob, or the begin of a session, in this order. */
  async post(exchange: Exchange, target: Target): Promise<void> {
    const repository = RepositoryName.parse(target.name);
    const algorithm = parseAlgorithm(exchange.query);
    const mounted = await this.#mount(exchange, repository);
    if (mounted) return;
    const digest = exchange.query.get('digest');
    if (digest !== null && parseContentLength(exchange.req) !== 0) {
      await this.#pushWhole(exchange, repository, Digest.parse(digest));
      return;
    }
    if (digest !== null) Digest.parse(digest);
    const id = await this.#uploads.start.execute({ repository, algorithm });
    answerSession(exchange, 202, repository, id, 0);
  }

  async patch(exchange: Exchange, target: Target): Promise<void> {
    const { repository, id } = parseUpload(target);
    const claim = parseChunkClaim(exchange);
    const offset = await this.#uploads.append.execute({ repository, id, claim, body: exchange.body });
    answerSession(exchange, 202, repository, id, offset);
  }

  async put(exchange: Exchange, target: Target): Promise<void> {
    const { repository, id } = parseUpload(target);
    const text = exchange.query.get('digest');
    if (text === null)
      throw new DigestInvalid('the closing request names the digest in its query, as digest=sha256:…');
    const digest = Digest.parse(text);
    const claim = parseChunkClaim(exchange);
    await this.#uploads.complete.execute({ repository, id, digest, claim, body: exchange.body }, exchange);
    answerBlob(exchange, repository, digest);
  }

  async get(exchange: Exchange, target: Target): Promise<void> {
    const { repository, id } = parseExistingUpload(target);
    const offset = await this.#uploads.status.execute({ repository, id });
    answerSession(exchange, 204, repository, id, offset);
  }

  async delete(exchange: Exchange, target: Target): Promise<void> {
    const { repository, id } = parseExistingUpload(target);
    await this.#uploads.cancel.execute({ repository, id });
    exchange.answer(204, ['Docker-Upload-UUID', id.toString()]);
  }

  /** A mount that can not be is no fault: the client uploads instead (OCI end-11). */
  async #mount(exchange: Exchange, name: RepositoryName): Promise<boolean> {
    const text = exchange.query.get('mount');
    if (text === null) return false;
    const digest = Digest.parse(text);
    const repository = new Repository(name);
    const from = exchange.query.get('from') ?? undefined;
    const mounted = await this.#uploads.mount.execute({ repository, digest, from }, exchange);
    if (mounted) answerBlob(exchange, name, digest);
    return mounted;
  }

  async #pushWhole(exchange: Exchange, repository: RepositoryName, digest: Digest): Promise<void> {
    const length = parseContentLength(exchange.req);
    await this.#uploads.push.execute({ repository, digest, length, body: exchange.body }, exchange);
    answerBlob(exchange, repository, digest);
  }
}

function answerSession(
  exchange: Exchange,
  status: 202 | 204,
  repository: RepositoryName,
  id: UploadId,
  offset: number,
): void {
  exchange.answer(status, [
    'Location',
    exchange.locations.upload(repository, id, offset),
    'Range',
    uploadRange(offset),
    'Docker-Upload-UUID',
    id.toString(),
  ]);
}

function answerBlob(exchange: Exchange, repository: RepositoryName, digest: Digest): void {
  exchange.answer(201, [
    'Location',
    exchange.locations.blob(repository, digest),
    'Docker-Content-Digest',
    digest.toString(),
  ]);
}
