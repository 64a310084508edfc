import { constants, fstatSync, openSync, write } from 'node:fs';
import type { Writable } from 'node:stream';
import { promisify } from 'node:util';

const STDOUT = 1;
const { O_NOCTTY, O_NONBLOCK, O_WRONLY } = constants;
const writeToDescriptor = promisify(write);

/** Takes bytes of log lines; says how many it took, 0 when its reader is too slow just now. */
export interface LogSink {
  /** Rejects when the bytes can not be written. Called again only after it has settled. */
  write(bytes: Buffer): Promise<number>;
}

/**
 * Writes to a descriptor without ever waiting for its reader on the event loop. A blocked write would hold a thread of
 * libuv's pool, and the process could not end before it. So a pipe or a terminal is opened once more, as a description
 * of its own that does not block; a socket, which can not be opened, is left to Node's stdout, which waits for it by
 * events; a file never blocks for long.
 */
export class DescriptorSink implements LogSink {
  readonly #write: (bytes: Buffer) => Promise<number>;

  constructor(descriptor: number) {
    const kind = fstatSync(descriptor);
    if (kind.isSocket() && descriptor === STDOUT) this.#write = streamWriter(process.stdout);
    else if (kind.isFIFO() || kind.isCharacterDevice()) this.#write = descriptorWriter(reopen(descriptor));
    else this.#write = descriptorWriter(descriptor);
  }

  async write(bytes: Buffer): Promise<number> {
    return this.#write(bytes);
  }
}

function streamWriter(stream: Writable): (bytes: Buffer) => Promise<number> {
  // The same error reaches the callback of the write; without a listener it would end the process.
  stream.on('error', () => undefined);
  return async (bytes) =>
    new Promise((resolve, reject) => {
      stream.write(bytes, (error) => {
        if (error) reject(error);
        else resolve(bytes.length);
      });
    });
}

function descriptorWriter(descriptor: number): (bytes: Buffer) => Promise<number> {
  return async (bytes) => {
    try {
      const { bytesWritten } = await writeToDescriptor(descriptor, bytes);
      return bytesWritten;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0;
      throw error;
    }
  };
}

/** The descriptor itself where the system has no /proc, or where the terminal belongs to another user. */
function reopen(descriptor: number): number {
  try {
    return openSync(`/proc/self/fd/${descriptor}`, O_WRONLY | O_NONBLOCK | O_NOCTTY);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return descriptor;
  }
}
