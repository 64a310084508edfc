// A program of its own: `node bare-responder.js PORT`. It answers like a registry that has nothing to do, so that the
// load generator's own ceiling can be measured: no file, no database, no HTTP library.
import { createServer, type Socket } from 'node:net';

const BODY = Buffer.alloc(500, 'm');
const LARGE = 500e6;
const PIECE = Buffer.alloc(1 << 20, 'b');

function head(length: number): Buffer {
  return Buffer.from(`HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${length}\r\n\r\n`);
}

const SMALL_ANSWER = Buffer.concat([head(BODY.length), BODY]);
const HEAD_ANSWER = head(BODY.length);
const TAKEN_ANSWER = head(0);

function sendLarge(socket: Socket): void {
  socket.write(head(LARGE));
  let left = LARGE;
  const send = (): void => {
    while (left > 0) {
      const piece = PIECE.subarray(0, Math.min(left, PIECE.length));
      left -= piece.length;
      if (!socket.write(piece)) return;
    }
    socket.off('drain', send);
  };
  socket.on('drain', send);
  send();
}

function serve(socket: Socket): void {
  let bodyLeft = 0;
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy()); // the generator closes when it has its figure
  socket.on('data', (bytes: Buffer) => {
    if (bodyLeft > 0) {
      bodyLeft -= bytes.length;
      if (bodyLeft <= 0) socket.write(TAKEN_ANSWER);
      return;
    }
    const text = bytes.toString('latin1', 0, 512);
    if (text.startsWith('PATCH')) {
      const length = Number(/Content-Length: (\d+)/.exec(text)?.[1]);
      bodyLeft = length - (bytes.length - bytes.indexOf('\r\n\r\n') - 4);
    } else if (text.startsWith('GET /large')) sendLarge(socket);
    else socket.write(text.startsWith('HEAD') ? HEAD_ANSWER : SMALL_ANSWER);
  });
}

createServer(serve).listen(Number(process.argv[2]), '127.0.0.1', () => process.send?.('listening'));
