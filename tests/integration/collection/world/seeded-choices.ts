import { UploadId } from '../../../../src/domain/upload/upload-id.js';

/** Choices, tokens and ids that a seed repeats. */
export class SeededChoices {
  #state: number;
  #tokens = 0;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** An integer in [0, below). */
  int(below: number): number {
    // mulberry32
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  }

  /** True once in so many times. */
  once(times: number): boolean {
    return this.int(times) === 0;
  }

  pick<T>(values: readonly T[]): T {
    if (values.length === 0) throw new Error('there is nothing to choose from');
    return values[this.int(values.length)] as T;
  }

  /** 16 bytes, never the same twice. */
  readonly token = (): Buffer => {
    const token = Buffer.alloc(16);
    this.#tokens += 1;
    token.writeUInt32BE(this.int(2 ** 32), 0);
    token.writeUInt32BE(this.int(2 ** 32), 4);
    token.writeUInt32BE(this.#tokens, 12);
    return token;
  };

  readonly uuid = (): string => this.uploadId().toString();

  readonly uploadId = (): UploadId => {
    const hex = this.token().toString('hex');
    const uuid = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
    const id = UploadId.parse(uuid);
    if (id === undefined) throw new Error(`${uuid} is not a UUID`);
    return id;
  };
}
