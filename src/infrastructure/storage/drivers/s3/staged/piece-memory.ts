const MIB = 1024 * 1024;
/**
 * Memory is handed out in slabs of so many bytes, which are used again and again and not freed, as long as they are no more
 * than there may be: what is freed, the allocator keeps in pieces.
 */
const SLAB = 256 * 1024;
/** No smaller piece can be copied into an object as a part of its own. */
const PART = 5 * MIB;
/** A piece is at least so small a part of what lies before it: a long file has few thousand. */
const GROWTH = 1000;

/** Whoever gathers bytes. */
export interface Gatherer {
  /** Bytes of memory that hold something which is not on its way. */
  readonly gathered: number;
  /** Sends it on its way, whether it is worth it or not. */
  spill(): void;
}

interface Waiting {
  readonly bytes: number;
  readonly go: () => void;
}

/**
 * The memory of all writers of the process together. A lone writer gets pieces as large as they are worth, many at once
 * smaller ones each, and who finds nothing left waits until some are sent.
 */
export class PieceMemory {
  readonly #total: number;
  readonly #largest: number;
  readonly #gatherers = new Set<Gatherer>();
  readonly #waiting: Waiting[] = [];
  readonly #free: Buffer[] = [];
  #used = 0;
  #peak = 0;

  /**
   * @param largest bytes of a lone writer's pieces, as configured
   * @param total bytes of all writers
   */
  constructor(largest = 10 * MIB, total = 24 * MIB) {
    this.#largest = largest;
    this.#total = total;
  }

  /** Bytes that have been in use at the same time, at most. */
  get peak(): number {
    return this.#peak;
  }

  /** Bytes in use. */
  get used(): number {
    return this.#used;
  }

  enter(gatherer: Gatherer): void {
    this.#gatherers.add(gatherer);
  }

  leave(gatherer: Gatherer): void {
    this.#gatherers.delete(gatherer);
  }

  /**
   * Bytes worth a request behind the first `offset` of a file: half of a writer's share, so that the next piece gathers
   * while one is sent; but a whole part if the share has room for one.
   */
  pieceSize(offset: number): number {
    const share = this.#total / Math.max(this.#gatherers.size, 1);
    const half = share / 2;
    const least = Math.min(share >= PART ? PART : SLAB, this.#largest);
    const usual = Math.max(least, Math.min(half, this.#largest));
    return Math.floor(Math.max(usual, Math.min(half, offset / GROWTH)));
  }

  async #take(bytes: number): Promise<void> {
    if (this.#waiting.length === 0 && this.#fits(bytes)) {
      this.#use(bytes);
      return;
    }
    const turn = new Promise<void>((go) => {
      this.#waiting.push({ bytes, go });
    });
    this.press();
    await turn;
  }

  #give(bytes: number): void {
    this.#used -= bytes;
    for (let next = this.#waiting[0]; next !== undefined && this.#fits(next.bytes); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#use(next.bytes);
      next.go();
    }
    this.press();
  }

  /** For so many bytes, or a few more. Resolves once they may be used, in the order in which they were asked for. */
  async slabs(bytes: number): Promise<readonly Buffer[]> {
    const count = Math.ceil(bytes / SLAB);
    await this.#take(count * SLAB);
    return Array.from({ length: count }, () => this.#free.pop() ?? Buffer.allocUnsafeSlow(SLAB));
  }

  /** @param reusable whether nothing holds on to them any more */
  giveBack(slabs: readonly Buffer[], reusable: boolean): void {
    const room = Math.max(0, Math.floor(this.#total / SLAB) - this.#free.length);
    if (reusable) this.#free.push(...slabs.slice(0, room));
    this.#give(slabs.length * SLAB);
  }

  /** One that is larger than all there is gets it alone. */
  #fits(bytes: number): boolean {
    return this.#used === 0 || this.#used + bytes <= this.#total;
  }

  #use(bytes: number): void {
    this.#used += bytes;
    this.#peak = Math.max(this.#peak, this.#used);
  }

  /**
   * To be told whenever something was gathered. If somebody waits, what is on its way is free soon; if nothing is, who has
   * gathered most has to send it.
   */
  press(): void {
    if (this.#waiting.length === 0) return;
    let gathered = 0;
    let most: Gatherer | undefined;
    for (const each of this.#gatherers) {
      gathered += each.gathered;
      if (each.gathered > (most?.gathered ?? 0)) most = each;
    }
    if (gathered >= this.#used) most?.spill();
  }
}
