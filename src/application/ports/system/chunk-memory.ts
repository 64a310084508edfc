/** The memory of chunks that came over a connection. */
export interface ChunkMemory {
  /**
   * Gives the memory of large chunks back at once, not when garbage is collected. They are empty afterwards: only who has
   * them alone may do it. Chunks that lie in memory of others are left as they are.
   */
  release(chunks: readonly Uint8Array[]): void;
}
