import { SizeInvalid } from '../../domain/content/blob-errors.js';
import type { UploadBody } from './upload-body.js';

/** Bytes of a body that is worth keeping in memory: staging it in a file would cost more than all the rest. */
const LARGEST = 64 * 1024;
/** Bodies in memory at once, however slowly they arrive: 8 MiB. */
const MOST = 128;

/** Takes small bodies into memory. */
export class WholeBodies {
  #present = 0;

  /**
   * Runs `work` with the body's bytes; undefined when it is too large, of unknown length, or one too many: then none
   * of it has been read.
   * @throws BodyCut, SizeInvalid when it brings fewer bytes than it announced
   */
  async use<T>(
    body: UploadBody,
    length: number | undefined,
    work: (content: Uint8Array) => Promise<T>,
  ): Promise<T | undefined> {
    if (length === undefined || length > LARGEST || this.#present >= MOST) return undefined;
    this.#present += 1;
    try {
      return await work(await read(body, length));
    } finally {
      this.#present -= 1;
    }
  }
}

async function read(body: UploadBody, length: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let received = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    received += chunk.length;
  }
  if (received !== length) {
    throw new SizeInvalid(`the request announced ${length} bytes and brought ${received}`);
  }
  const [only] = chunks;
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, received);
}
