import type { IncomingMessage, ServerResponse } from 'node:http';
import { BodyCut, type UploadBody } from '../../../application/services/upload-body.js';
import { SizeInvalid } from '../../../domain/content/blob-errors.js';

const LENGTH = /^[0-9]{1,16}$/;

/**
 * The bytes of a request, which is asked to send them (`100-continue`) only when the first one is wanted. Leaving the
 * iteration early leaves the connection usable for the answer.
 */
export class RequestBody implements UploadBody {
  readonly #req: IncomingMessage;
  readonly #res: ServerResponse;
  #received = 0;

  constructor(req: IncomingMessage, res: ServerResponse) {
    this.#req = req;
    this.#res = res;
  }

  /** Bytes that have arrived so far. */
  get received(): number {
    return this.#received;
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    if (this.#req.headers.expect !== undefined) this.#res.writeContinue();
    if (this.#hasCome()) {
      const whole = this.#req.read() as Uint8Array | null;
      // Lets it end.
      this.#req.resume();
      if (whole === null) return;
      this.#received += whole.length;
      yield whole;
      return;
    }
    const chunks = this.#req.iterator({ destroyOnReturn: false });
    try {
      for await (const chunk of chunks) {
        this.#received += (chunk as Uint8Array).length;
        yield chunk as Uint8Array;
      }
    } catch (error) {
      throw new BodyCut('the client left before its request was whole', { cause: error });
    }
    if (!this.#req.complete) throw new BodyCut('the client left before its request was whole');
  }

  /** Whole, with its head, as short bodies do: a stream's own iterator would cost as much as all else. */
  #hasCome(): boolean {
    return !this.#req.destroyed && this.#req.readableLength === parseContentLength(this.#req);
  }

  cut(): void {
    this.#req.destroy();
  }

  /**
   * The body as one piece.
   * @param tooLarge makes the error for a body of more than `limit` bytes
   */
  async read(limit: number, tooLarge: () => Error): Promise<Buffer> {
    const announced = parseContentLength(this.#req);
    if (announced !== undefined && announced > limit) throw tooLarge();
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of this) {
      size += chunk.length;
      if (size > limit) throw tooLarge();
      chunks.push(chunk);
    }
    return Buffer.concat(chunks, size);
  }
}

/**
 * Bytes that the request announces; undefined for a chunked body; 0 when it has none.
 * @throws SizeInvalid for a Content-Length that is no number
 */
export function parseContentLength(req: IncomingMessage): number | undefined {
  const length = req.headers['content-length'];
  if (length === undefined) return req.headers['transfer-encoding'] === undefined ? 0 : undefined;
  if (!LENGTH.test(length)) throw new SizeInvalid('Content-Length must be a number of bytes', length);
  return Number(length);
}

/** Whether bytes of the request's body may still be on their way. */
export function hasUnreadBody(req: IncomingMessage): boolean {
  const announced =
    req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0;
  return announced && !req.complete;
}
