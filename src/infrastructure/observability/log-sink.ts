import { constants, fstatSync, openSync, write } from 'node:fs';
import { promisify } from 'node:util';

const writeToDescriptor = promisify(write);
const { O_NONBLOCK, O_WRONLY } = constants;

/** Takes bytes of log lines; says how many it took, 0 when its reader is too slow just now. */
export interface LogSink {
  write(bytes: Buffer): Promise<number>;
}

/**
 * Writes to a descriptor without ever waiting for its reader. Node's own stdout blocks the whole process on a full pipe,
 * and a write in libuv's pool would block a thread until the process ends; so a pipe or terminal is opened once more,
 * as a description of its own that does not block. Where that can not be (a socket, a file) it is written as it is.
 */
export class DescriptorSink implements LogSink {
  readonly #descriptor: number;

  constructor(descriptor: number) {
    this.#descriptor = openNonBlocking(descriptor);
  }

  async write(bytes: Buffer): Promise<number> {
    try {
      const { bytesWritten } = await writeToDescriptor(this.#descriptor, bytes);
      return bytesWritten;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0;
      throw error;
    }
  }
}

function openNonBlocking(descriptor: number): number {
  const stat = fstatSync(descriptor);
  if (!stat.isFIFO() && !stat.isCharacterDevice()) return descriptor;
  try {
    return openSync(`/proc/self/fd/${descriptor}`, O_WRONLY | O_NONBLOCK);
  } catch (error) {
    if (typeof (error as NodeJS.ErrnoException).code === 'string') return descriptor;
    throw error;
  }
}
