// A program of its own: `node webhook.js PORT`. It accepts whatever is posted.
import { createServer } from 'node:http';

createServer((req, res) => {
  req.resume();
  req.on('end', () => res.end());
}).listen(Number(process.argv[2]), '127.0.0.1', () => process.send?.('listening'));
