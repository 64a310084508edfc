import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { DelayingRelay } from '../../../benchmarks/load/delaying-relay.js';

const ended: (() => void)[] = [];

afterEach(() => {
  for (const end of ended.splice(0)) end();
});

async function listen(serve: (socket: Socket) => void): Promise<number> {
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    ended.push(() => socket.destroy());
    socket.on('error', () => socket.destroy());
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ended.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

async function through(target: number, delay: number, underWay?: number): Promise<Socket> {
  const relay = await DelayingRelay.listen({ port: 0, target, delay, ...(underWay && { underWay }) });
  const socket = connect({ port: relay.port, host: '127.0.0.1', allowHalfOpen: true });
  ended.push(() => {
    socket.destroy();
    relay.close();
  });
  await once(socket, 'connect');
  return socket;
}

const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Pieces of many sizes, so that they are cut elsewhere on the way. */
function pieces(count: number): Buffer[] {
  return Array.from({ length: count }, (_, at) => randomBytes(1 + ((at * 7919) % 70_000)));
}

describe.each([0, 4])('a relay that delays by %d ms', (delay) => {
  it('hands on every byte in order, both ways, to the end', async () => {
    const port = await listen((socket) => socket.pipe(socket));
    const socket = await through(port, delay);
    const sent = pieces(60);
    const echoed = buffer(socket);
    for (const piece of sent) socket.write(piece);
    socket.end();
    expect(digest(await echoed)).toBe(digest(Buffer.concat(sent)));
  });

  it('hands on the end of what a client sends while the answer is still to come', async () => {
    const port = await listen((socket) => {
      let got = 0;
      socket.on('data', (bytes) => {
        got += bytes.length;
      });
      socket.on('end', () => socket.end(`${got} bytes`));
    });
    const socket = await through(port, delay);
    const answer = buffer(socket);
    socket.end(Buffer.alloc(100_000));
    expect((await answer).toString()).toBe('100000 bytes');
  });

  it('lets a sender wait when more is under way than it holds, and loses nothing', async () => {
    const sent = randomBytes(20 << 20);
    const port = await listen((socket) => socket.end(sent));
    const socket = await through(port, delay, 1 << 20);
    expect(digest(await buffer(socket))).toBe(digest(sent));
  });
});

it('answers what is asked after an answer on the same connection', async () => {
  const port = await listen((socket) => socket.on('data', (bytes) => socket.write(`<${bytes.toString()}>`)));
  const socket = await through(port, 2);
  const answers: string[] = [];
  for (const question of ['a', 'b', 'c']) {
    socket.write(question);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    answers.push(answer.toString());
  }
  expect(answers).toEqual(['<a>', '<b>', '<c>']);
});

it('closes a connection whose server is not there', async () => {
  const relay = await DelayingRelay.listen({ port: 0, target: 1, delay: 1 });
  ended.push(() => relay.close());
  const socket = connect({ port: relay.port, host: '127.0.0.1' });
  socket.on('error', () => undefined);
  await once(socket, 'close');
  expect(socket.destroyed).toBe(true);
});
