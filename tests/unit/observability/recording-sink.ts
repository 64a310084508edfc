import { DroppingWriter } from '../../../src/infrastructure/observability/dropping-writer.js';
import type { LogSink } from '../../../src/infrastructure/observability/log-sink.js';

/** A sink whose room a test sets: it takes bytes until there is none left, then says 0. */
export class RecordingSink implements LogSink {
  room = Number.POSITIVE_INFINITY;
  failure: Error | undefined;
  writes = 0;
  #taken = '';

  get text(): string {
    return this.#taken;
  }

  get lines(): string[] {
    return this.#taken.split('\n').slice(0, -1);
  }

  async write(bytes: Buffer): Promise<number> {
    this.writes += 1;
    if (this.failure !== undefined) throw this.failure;
    const taken = Math.min(this.room, bytes.length);
    this.#taken += bytes.subarray(0, taken).toString('latin1');
    this.room -= taken;
    return taken;
  }
}

export function writerOver(sink: LogSink): DroppingWriter {
  return new DroppingWriter(sink, (lines) => `${lines} lines dropped\n`);
}
