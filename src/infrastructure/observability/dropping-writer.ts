import type { LogSink } from './log-sink.js';

/** A batch is written after so long (ms), or when it has so many characters. */
const BATCH_DELAY = 50;
const BATCH_SIZE = 64 * 1024;
/** Characters that may wait while the sink is busy. */
const WAITING_LIMIT = 1024 * 1024;
/** How long (ms) to wait before a sink that had no room is tried again. */
const FULL_DELAY = 50;

/** How long (ms) the end of a process waits for its last lines. */
const LAST_LINES = 1_000;

/**
 * Joins lines and writes them in batches, one at a time. Nobody waits for it: when the sink is slower than the lines,
 * or fails, lines are dropped and counted, and a line says how many as soon as it flows again.
 */
export class DroppingWriter {
  readonly #sink: LogSink;
  readonly #notice: (lines: number) => string;
  #waiting: string[] = [];
  #waitingSize = 0;
  #dropped = 0;
  #unreported = 0;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;

  /** @param notice the line that tells of dropped lines, with its line break */
  constructor(sink: LogSink, notice: (lines: number) => string) {
    this.#sink = sink;
    this.#notice = notice;
  }

  /** Lines dropped since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  /** @param lines whole ones, with their line breaks */
  write(lines: string): void {
    if (this.#waitingSize + lines.length > WAITING_LIMIT) {
      const count = countLines(lines);
      this.#dropped += count;
      this.#unreported += count;
      return;
    }
    this.#waiting.push(lines);
    this.#waitingSize += lines.length;
    if (this.#writing !== undefined) return;
    if (this.#waitingSize >= BATCH_SIZE) this.#start();
    else this.#timer ??= setTimeout(() => this.#start(), BATCH_DELAY);
  }

  /** Writes what waits; resolves when nothing does, or after `timeout` ms with the rest unwritten. */
  async flush(timeout = LAST_LINES): Promise<void> {
    // What was just logged may still be on its way through winston's streams.
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    this.#start();
    if (this.#writing === undefined) return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeout);
    });
    await Promise.race([this.#writing, late]);
    clearTimeout(timer);
  }

  #start(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting.length > 0) this.#writing ??= this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) await this.#writeBatch();
    this.#writing = undefined;
  }

  async #writeBatch(): Promise<void> {
    const lines = this.#waiting.join('');
    const reported = this.#unreported;
    const text = lines + (reported > 0 ? this.#notice(reported) : '');
    this.#waiting = [];
    this.#waitingSize = 0;
    this.#unreported = 0;
    try {
      await this.#writeWhole(Buffer.from(text));
    } catch {
      // There is nowhere to complain: the loss is counted, and told when the output works again.
      const count = countLines(lines);
      this.#dropped += count;
      this.#unreported += count + reported;
    }
  }

  async #writeWhole(bytes: Buffer): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const taken = await this.#sink.write(bytes.subarray(done));
      done += taken;
      if (taken > 0) continue;
      await new Promise((resolve) => {
        setTimeout(resolve, FULL_DELAY);
      });
    }
  }
}

function countLines(text: string): number {
  return text.split('\n').length - 1;
}
