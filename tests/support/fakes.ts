import type { RecentBlobs } from '../../src/application/ports/storage/recent-blobs.js';
import type { Clock } from '../../src/application/ports/system/clock.js';
import { Grace } from '../../src/domain/lifecycle/grace.js';
import { BodyCut, type UploadBody } from '../../src/application/services/upload-body.js';

/** A clock that a test sets; sleeping moves it, so that nothing waits. */
export class ManualClock implements Clock {
  #now: number;
  readonly #tasks = new Set<{ readonly every: number; due: number; readonly run: () => void }>();

  constructor(now = 1_800_000_000_000) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  async sleep(ms: number): Promise<void> {
    this.advance(ms);
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }

  every(ms: number, run: () => void): () => void {
    const task = { every: ms, due: this.#now + ms, run };
    this.#tasks.add(task);
    return () => this.#tasks.delete(task);
  }

  /** Moves the time on and runs what falls due. */
  advance(ms: number): void {
    this.#now += ms;
    for (const task of this.#tasks) {
      while (task.due <= this.#now) {
        task.due += task.every;
        task.run();
      }
    }
  }
}

/** As it is by default: a day. */
export const GRACE = new Grace(86_400_000);

/** No thread that hashes: whoever asks does it himself. */
export const NO_HASHES = {
  hash: async (): Promise<undefined> => undefined,
  close: async (): Promise<void> => undefined,
};

/** Nobody wants to know how far the tree has come. */
export const NO_NOTES = { noteFlush: async () => undefined };

/** A body whose chunks a test sends one by one. */
export class ManualBody implements UploadBody {
  readonly #chunks: Uint8Array[] = [];
  #state: 'open' | 'ended' | 'cut' = 'open';
  #wake: () => void = () => undefined;
  #isAwaited = false;

  /** Whether somebody waits for more of it. */
  get isAwaited(): boolean {
    return this.#isAwaited;
  }

  send(text: string): void {
    this.#chunks.push(Buffer.from(text));
    this.#wake();
  }

  end(): void {
    this.#state = 'ended';
    this.#wake();
  }

  cut(): void {
    if (this.#state === 'open') this.#state = 'cut';
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) yield chunk;
      else if (this.#state === 'ended') return;
      else if (this.#state === 'cut') throw new BodyCut('cut');
      else {
        this.#isAwaited = true;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#isAwaited = false;
      }
    }
  }
}

export function bodyOf(text: string): ManualBody {
  const body = new ManualBody();
  body.send(text);
  body.end();
  return body;
}

/** Keeps no blob, so that each pull reads what is stored. */
export const NOTHING_KEPT: RecentBlobs = { find: () => undefined, keep: () => undefined };
