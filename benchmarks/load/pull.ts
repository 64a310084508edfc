import { connect } from 'node:net';
import { requestHead } from './connection.js';

const HEAD_END = Buffer.from('\r\n\r\n');

/** Where the body begins and how long it is; or where it is instead. */
export function readHead(bytes: Buffer): { bodyAt: number; length: number } | URL {
  const end = bytes.indexOf(HEAD_END);
  const head = bytes.toString('latin1', 0, Math.max(end, 0));
  const location = head.startsWith('HTTP/1.1 307') ? /^location: (\S+)$/im.exec(head)?.[1] : undefined;
  if (location !== undefined) return new URL(location);
  const length = /^content-length: (\d+)$/im.exec(head)?.[1];
  if (end < 0 || !head.startsWith('HTTP/1.1 200') || length === undefined) {
    throw new Error(`no blob came back: ${bytes.toString('latin1', 0, 300)}`);
  }
  return { bodyAt: end + 4, length: Number(length) };
}

/**
 * GET of a blob on a connection of its own, and on another one where that is told to be. The body lands in one reused
 * buffer.
 * @param onBytes sees each piece while it is valid
 * @returns bytes of the body
 */
export function pullBlob(port: number, path: string, onBytes?: (bytes: Buffer) => void): Promise<number> {
  return new Promise((resolve, reject) => {
    let length: number | undefined;
    let got = 0;
    let elsewhere: URL | undefined;
    const take = (bytes: Buffer): void => {
      let body = bytes;
      if (length === undefined) {
        const head = readHead(bytes);
        if (head instanceof URL) {
          elsewhere = head;
          socket.destroy();
          return;
        }
        length = head.length;
        body = bytes.subarray(head.bodyAt);
      }
      got += body.length;
      onBytes?.(body);
      if (got >= length) socket.destroy();
    };
    const callback = (count: number, buffer: Uint8Array): boolean => {
      try {
        take(Buffer.from(buffer.buffer, buffer.byteOffset, count));
      } catch (error) {
        socket.destroy(error as Error);
      }
      return true;
    };
    const socket = connect({ port, host: '127.0.0.1', onread: { buffer: Buffer.alloc(1 << 20), callback } });
    socket.on('connect', () => socket.write(requestHead('GET', path)));
    socket.on('error', reject);
    socket.on('close', () => {
      if (elsewhere !== undefined) {
        const { port: there, pathname, search } = elsewhere;
        resolve(pullBlob(Number(there), pathname + search, onBytes));
      } else if (got === length) resolve(got);
      else reject(new Error(`${path}: ${got} of ${length} bytes`));
    });
  });
}
