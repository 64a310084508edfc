import type { DeleteBlob } from '../../../application/use-cases/blob/delete-blob.js';
import type { PullBlob, PulledBlob } from '../../../application/use-cases/blob/pull-blob.js';
import type { StatBlob } from '../../../application/use-cases/blob/stat-blob.js';
import type { PullEvents } from '../../../application/services/pull-events.js';
import type { Blob } from '../../../domain/content/blob.js';
import { resolveRange, type ByteRange } from '../../../domain/content/byte-range.js';
import { Digest } from '../../../domain/content/digest.js';
import { MEDIA_TYPES } from '../../../domain/content/media-type.js';
import { RepositoryName } from '../../../domain/repository/repository-name.js';
import type { Exchange, FlatHeaders } from '../exchange.js';
import { entityTag, isNotModified, rangeApplies } from '../params/conditions.js';
import type { BodySender } from '../presenters/body-sender.js';
import type { Redirects } from '../presenters/redirects.js';
import type { Target } from '../routes/parse-target.js';

/** `/v2/<name>/blobs/<digest>` (OCI end-2, end-10). */
export class BlobController {
  readonly #pull: PullBlob;
  readonly #stat: StatBlob;
  readonly #delete: DeleteBlob;
  readonly #sender: BodySender;
  readonly #redirects: Redirects;
  readonly #pulls: PullEvents;

  constructor(
    pull: PullBlob,
    stat: StatBlob,
    deleteBlob: DeleteBlob,
    sender: BodySender,
    redirects: Redirects,
    pulls: PullEvents,
  ) {
    this.#pull = pull;
    this.#stat = stat;
    this.#delete = deleteBlob;
    this.#sender = sender;
    this.#redirects = redirects;
    this.#pulls = pulls;
  }

  async get(exchange: Exchange, target: Target): Promise<void> {
    const request = parse(target);
    const pulled = await this.#pull.execute(request);
    await this.#give(exchange, pulled);
    this.#pulls.blobPulled(request.repository, pulled.blob, exchange);
  }

  /** A Range header means nothing under HEAD (RFC 9110 14.2). */
  async head(exchange: Exchange, target: Target): Promise<void> {
    const request = parse(target);
    const blob = await this.#stat.execute(request);
    if (isNotModified(exchange.req.headers['if-none-match'], blob.digest.toString())) {
      exchange.answer(304, blobHeaders(blob));
    } else {
      exchange.answerHead(200, blobHeaders(blob), blob.size);
    }
    this.#pulls.blobPulled(request.repository, blob, exchange);
  }

  async delete(exchange: Exchange, target: Target): Promise<void> {
    await this.#delete.execute(parse(target), exchange);
    exchange.answer(202, []);
  }

  async #give(exchange: Exchange, pulled: PulledBlob): Promise<void> {
    const { blob } = pulled;
    const { headers } = exchange.req;
    const digest = blob.digest.toString();
    if (isNotModified(headers['if-none-match'], digest)) {
      exchange.answer(304, blobHeaders(blob));
      return;
    }
    const ifRange = exchange.header('if-range');
    const range = rangeApplies(ifRange, digest) ? resolveRange(headers.range, blob.size) : undefined;
    const address = this.#redirects.apply(headers['user-agent']) ? await pulled.link() : undefined;
    if (address !== undefined) exchange.answer(307, redirectHeaders(blob, address));
    else if (await delegates(exchange, pulled, range)) return;
    else if (range === undefined) await this.#send(exchange, pulled, 200, whole(blob), []);
    else {
      const contentRange = ['Content-Range', `bytes ${range.start}-${range.end}/${blob.size}`];
      await this.#send(exchange, pulled, 206, range, contentRange);
    }
  }

  async #send(
    exchange: Exchange,
    pulled: PulledBlob,
    status: number,
    range: ByteRange,
    extra: FlatHeaders,
  ): Promise<void> {
    const bytes = await pulled.bytes();
    if (bytes !== undefined) {
      exchange.answer(
        status,
        [...blobHeaders(pulled.blob), ...extra],
        bytes.subarray(range.start, range.end + 1),
      );
      return;
    }
    const length = range.end - range.start + 1;
    const reader = await pulled.open(range.start);
    exchange.writeHead(status, [...blobHeaders(pulled.blob), ...extra, 'Content-Length', String(length)]);
    exchange.bytesSent += await this.#sender.send(exchange.res, reader, range);
  }
}

function parse(target: Target): { repository: RepositoryName; digest: Digest } {
  return { repository: RepositoryName.parseExisting(target.name), digest: Digest.parse(target.tail) };
}

function whole(blob: Blob): ByteRange {
  return { start: 0, end: blob.size - 1 };
}

/**
 * Leaves the bytes to a proxy that can send them. It makes 206 of a range by itself, from the client's header.
 * @returns false: they are to be sent from here
 */
async function delegates(
  exchange: Exchange,
  pulled: PulledBlob,
  range: ByteRange | undefined,
): Promise<boolean> {
  const { delegation } = exchange;
  const { blob } = pulled;
  if (delegation?.applies(exchange.req, range, blob.size) !== true) return false;
  const file = await pulled.file();
  if (file === undefined) return false;
  exchange.answer(200, delegation.headersFor(file, blobHeaders(blob), range === undefined));
  return true;
}

/** The storage answers what may be kept, and for how long; the address itself may not be. */
function redirectHeaders(blob: Blob, address: string): FlatHeaders {
  const digest = blob.digest.toString();
  return ['Content-Type', MEDIA_TYPES.octetStream, 'Docker-Content-Digest', digest, 'Location', address];
}

/** A digest's bytes never change, so caches may keep them for a year. */
function blobHeaders(blob: Blob): FlatHeaders {
  const digest = blob.digest.toString();
  return [
    'Content-Type',
    MEDIA_TYPES.octetStream,
    'Docker-Content-Digest',
    digest,
    'ETag',
    entityTag(digest),
    'Accept-Ranges',
    'bytes',
    'Cache-Control',
    'max-age=31536000',
  ];
}
