import type { LogSink } from './log-sink.js';

/** Bytes that may wait for the sink; lines beyond are dropped. */
const LIMIT = 1024 * 1024;
/** How long (ms) lines gather before they are written together. */
const GATHER = 50;
/** How long (ms) until a sink that was full is tried again. */
const RETRY = 50;

/**
 * Writes lines in batches and never makes anybody wait: when the sink is slower than the lines they are dropped and
 * counted, and a line says how many once it flows again.
 */
export class DroppingWriter {
  readonly #sink: LogSink;
  readonly #describeLoss: (lines: number) => string;
  #lines: string[] = [];
  #waiting = 0;
  #lost = 0;
  #droppedInAll = 0;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  #broken = false;

  /** @param describeLoss the line that says how many were dropped, with its line break */
  constructor(sink: LogSink, describeLoss: (lines: number) => string) {
    this.#sink = sink;
    this.#describeLoss = describeLoss;
  }

  /** Lines dropped since the start. */
  get dropped(): number {
    return this.#droppedInAll;
  }

  /** @param line with its line break */
  write(line: string): void {
    if (this.#broken || this.#waiting + line.length > LIMIT) {
      this.#lost += 1;
      this.#droppedInAll += 1;
      return;
    }
    this.#lines.push(line);
    this.#waiting += line.length;
    this.#timer ??= setTimeout(() => this.#start(), GATHER);
  }

  /** Writes what waits, for at most `timeout` ms. */
  async flush(timeout: number): Promise<void> {
    const deadline = performance.now() + timeout;
    while (!this.#broken && performance.now() < deadline && (this.#writing ?? this.#lines.length) !== 0) {
      this.#start();
      await Promise.race([this.#writing, sleep(Math.max(1, deadline - performance.now()))]);
    }
    clearTimeout(this.#timer);
  }

  #start(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing ??= this.#drain().finally(() => {
      this.#writing = undefined;
    });
  }

  async #drain(): Promise<void> {
    try {
      while (this.#lines.length > 0) {
        const lines = this.#lines;
        this.#lines = [];
        await this.#writeAll(Buffer.from(lines.join('')));
        this.#waiting -= lines.reduce((sum, line) => sum + line.length, 0);
        if (this.#lost > 0) this.#tellLoss();
      }
    } catch {
      // The reader is gone (EPIPE) or the disk is full: there is nowhere left to say so.
      this.#broken = true;
    }
  }

  async #writeAll(bytes: Buffer): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const taken = await this.#sink.write(bytes.subarray(done));
      done += taken;
      if (taken === 0) await sleep(RETRY);
    }
  }

  #tellLoss(): void {
    const line = this.#describeLoss(this.#lost);
    this.#lost = 0;
    this.#lines.push(line);
    this.#waiting += line.length;
  }
}

/** Keeps no process alive. */
async function sleep(ms: number): Promise<void> {
  await new Promise<void>((resolve) => {
    setTimeout(resolve, ms);
  });
}
