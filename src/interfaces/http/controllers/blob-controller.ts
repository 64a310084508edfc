import type { DeleteBlob } from '../../../application/use-cases/blob/delete-blob.js';
import type { PullBlob, PulledBlob } from '../../../application/use-cases/blob/pull-blob.js';
import type { StatBlob } from '../../../application/use-cases/blob/stat-blob.js';
import type { StorageReader } from '../../../application/ports/storage/storage-driver.js';
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
    const body = await this.#answer(exchange, pulled);
    // Sent from here and not from what answers: each call that waits costs memory for as long as a slow client reads.
    if (body !== undefined)
      exchange.bytesSent += await this.#sender.send(exchange.res, body.reader, body.range);
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

  /** @returns what is left to be sent behind the head; undefined when the answer is whole */
  async #answer(exchange: Exchange, pulled: PulledBlob): Promise<BlobBody | undefined> {
    const { blob } = pulled;
    const { headers } = exchange.req;
    const digest = blob.digest.toString();
    if (isNotModified(headers['if-none-match'], digest)) {
      exchange.answer(304, blobHeaders(blob));
      return undefined;
    }
    const ifRange = exchange.header('if-range');
    const range = rangeApplies(ifRange, digest) ? resolveRange(headers.range, blob.size) : undefined;
    const address = this.#redirects.apply(headers['user-agent']) ? await pulled.link() : undefined;
    if (address !== undefined) {
      exchange.answer(307, redirectHeaders(blob, address));
      return undefined;
    }
    if (await delegates(exchange, pulled, range)) return undefined;
    return begin(exchange, pulled, range);
  }
}

function parse(target: Target): { repository: RepositoryName; digest: Digest } {
  return { repository: RepositoryName.parseExisting(target.name), digest: Digest.parse(target.tail) };
}

/** Bytes that are to be sent behind a head. */
interface BlobBody {
  readonly reader: StorageReader;
  readonly range: ByteRange;
}

/** @returns what is left to be sent; undefined of a small blob, whose bytes are in the answer */
async function begin(
  exchange: Exchange,
  pulled: PulledBlob,
  asked: ByteRange | undefined,
): Promise<BlobBody | undefined> {
  const { blob } = pulled;
  const range = asked ?? { start: 0, end: blob.size - 1 };
  const status = asked === undefined ? 200 : 206;
  const headers =
    asked === undefined
      ? blobHeaders(blob)
      : [...blobHeaders(blob), 'Content-Range', `bytes ${range.start}-${range.end}/${blob.size}`];
  const bytes = await pulled.bytes();
  if (bytes !== undefined) {
    exchange.answer(status, headers, bytes.subarray(range.start, range.end + 1));
    return undefined;
  }
  const reader = await pulled.open(range.start);
  exchange.writeHead(status, [...headers, 'Content-Length', String(range.end - range.start + 1)]);
  return { reader, range };
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
