// A program of its own: `node webhook.js PORT`. It accepts whatever is posted, as cheaply as can be: what it costs is not to
// be taken for a cost of the registry, which has to share the machine with it.
import { createServer, type Socket } from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');
const LENGTH = /^content-length: (\d+)$/im;
const ACCEPTED = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';

function accept(socket: Socket): void {
  let received = Buffer.alloc(0);
  socket.on('data', (bytes) => {
    received = received.length === 0 ? bytes : Buffer.concat([received, bytes]);
    for (let end = endOfRequest(received); end !== undefined; end = endOfRequest(received)) {
      received = received.subarray(end);
      socket.write(ACCEPTED);
    }
  });
  // The registry that is measured has ended.
  socket.on('error', () => socket.destroy());
}

/** Where the first request ends; undefined when not all of it is here. @throws Error when its length is not told */
function endOfRequest(bytes: Buffer): number | undefined {
  const head = bytes.indexOf(HEAD_END);
  if (head < 0) return undefined;
  const length = LENGTH.exec(bytes.toString('latin1', 0, head))?.[1];
  if (length === undefined) throw new Error('a request does not tell how long it is');
  const end = head + HEAD_END.length + Number(length);
  return end <= bytes.length ? end : undefined;
}

createServer(accept).listen(Number(process.argv[2]), '127.0.0.1', () => process.send?.('listening'));
