import type { ObjectBody } from '../object-store.js';
import type { AnswerBody } from './answer-body.js';
import type { StoreFaults } from './store-faults.js';

/** An object, or a part of it, on its way. */
export class StoreObjectBody implements ObjectBody {
  readonly size: number;
  readonly etag: string;
  readonly #body: AnswerBody;
  readonly #doing: string;
  readonly #faults: StoreFaults;

  constructor(
    object: { readonly size: number; readonly etag: string },
    body: AnswerBody,
    doing: string,
    faults: StoreFaults,
  ) {
    this.size = object.size;
    this.etag = object.etag;
    this.#body = body;
    this.#doing = doing;
    this.#faults = faults;
  }

  async read(buffer: Uint8Array): Promise<number> {
    return this.#faults.during(this.#doing, async () => this.#body.read(buffer));
  }

  close(): void {
    this.#body.close();
  }
}
