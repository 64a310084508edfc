import { releaseChunks } from '../../../../system/received-chunks.js';

/** Chunks that came and were not taken yet. */
export class HeldChunks {
  #chunks: Buffer[] = [];
  #bytes = 0;
  /** Bytes of the first chunk that were taken. */
  #taken = 0;
  /** Chunks all of whose bytes were taken; they go together. */
  #emptied: Buffer[] = [];

  /** Held. */
  get bytes(): number {
    return this.#bytes;
  }

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
  }

  /** @returns bytes that were filled: all of the buffer, or all that are held */
  fill(buffer: Uint8Array): number {
    let filled = 0;
    while (filled < buffer.length) {
      const chunk = this.#chunks[0];
      if (chunk === undefined) break;
      const part = chunk.subarray(this.#taken, this.#taken + buffer.length - filled);
      buffer.set(part, filled);
      filled += part.length;
      this.#taken += part.length;
      if (this.#taken === chunk.length) {
        this.#chunks.shift();
        this.#taken = 0;
        this.#emptied.push(chunk);
      }
    }
    this.#bytes -= filled;
    return filled;
  }

  /** Gives back the memory of what was filled from. */
  release(): void {
    releaseChunks(this.#emptied);
    this.#emptied = [];
  }

  /** All chunks, none of which was taken from. */
  removeAll(): readonly Buffer[] {
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#bytes = 0;
    return chunks;
  }
}
