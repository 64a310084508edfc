interface Piece {
  readonly start: number;
  readonly bytes: Buffer;
}

/** The bytes of a file as the pieces that were appended: it grows without copying what it has. */
export class MemoryFile {
  #pieces: Piece[] = [];
  #size = 0;
  #changedAt = Date.now();

  /** Ms of Unix time. */
  get changedAt(): number {
    return this.#changedAt;
  }

  /** Bytes. */
  get size(): number {
    return this.#size;
  }

  /** Copies the chunks, which may then be reused. */
  append(chunks: readonly Uint8Array[]): void {
    const bytes = Buffer.concat(chunks);
    if (bytes.length === 0) return;
    this.#pieces.push({ start: this.#size, bytes });
    this.#size += bytes.length;
    this.#changedAt = Date.now();
  }

  /** Cuts off what is behind the first `length` bytes. */
  truncate(length: number): void {
    const kept = this.#pieces.filter((piece) => piece.start < length);
    this.#pieces = kept.map(({ start, bytes }) => ({ start, bytes: bytes.subarray(0, length - start) }));
    this.#size = Math.min(this.#size, length);
  }

  /** Fills `buffer` from `position` on and returns how many bytes it got. */
  read(buffer: Uint8Array, position: number): number {
    let filled = 0;
    for (let index = this.#pieceAt(position); filled < buffer.length; index += 1) {
      const piece = this.#pieces[index];
      if (piece === undefined) break;
      const from = position + filled - piece.start;
      const part = piece.bytes.subarray(from, from + buffer.length - filled);
      buffer.set(part, filled);
      filled += part.length;
    }
    return filled;
  }

  /** Index of the piece that holds the byte; the number of pieces when there is no such byte. */
  #pieceAt(position: number): number {
    if (position >= this.#size) return this.#pieces.length;
    let [low, high] = [0, this.#pieces.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#pieces[middle]?.start ?? 0) <= position) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
