import { connect, createServer, type Server, type Socket } from 'node:net';

/** What may be under way in each direction of a connection: 40 ms of it at 1.6 GB/s, so that a delay is no limit of rate. */
const UNDER_WAY = 64 << 20;

export interface Relayed {
  /** Where it listens, on loopback; 0 for any free port. */
  readonly port: number;
  /** The loopback port that it stands for. */
  readonly target: number;
  /** Milliseconds that a round trip takes longer through it. */
  readonly delay: number;
  /** Bytes of each direction that are held at most, before the sender has to wait. */
  readonly underWay?: number;
}

interface Piece {
  readonly due: number;
  /** undefined: the sender has ended. */
  readonly bytes: Buffer | undefined;
}

/** Bytes of a slab into which a server's bytes are read: with the pieces that Node reads else it would cost half the rate. */
const SLAB = 4 << 20;
const LEAST_READ = 64 << 10;

/** Where the next bytes are read to; what was read stays where it is. */
class Slabs {
  #slab = Buffer.allocUnsafeSlow(SLAB);
  #used = 0;

  next(): Buffer {
    if (SLAB - this.#used < LEAST_READ) {
      this.#slab = Buffer.allocUnsafeSlow(SLAB);
      this.#used = 0;
    }
    return this.#slab.subarray(this.#used);
  }

  take(count: number): Buffer {
    this.#used += count;
    return this.#slab.subarray(this.#used - count, this.#used);
  }
}

/** One direction of a connection: what goes in comes out later, whole and in order. */
class DelayLine {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #underWay: number;
  readonly #due: () => number;
  readonly #pieces: Piece[] = [];
  #held = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param due when what comes in now is to go out */
  constructor(from: Socket, to: Socket, underWay: number, due: () => number) {
    this.#from = from;
    this.#to = to;
    this.#underWay = underWay;
    this.#due = due;
    from.on('end', () => this.take(undefined));
    // Nothing more goes out on a connection that is gone.
    to.on('close', () => clearTimeout(this.#timer));
  }

  take(bytes: Buffer | undefined): void {
    this.#pieces.push({ due: this.#due(), bytes });
    this.#held += bytes?.length ?? 0;
    if (this.#held > this.#underWay) this.#from.pause();
    if (this.#timer === undefined) this.#deliver();
  }

  #deliver(): void {
    this.#timer = undefined;
    const now = performance.now();
    let [next] = this.#pieces;
    this.#to.cork();
    while (next !== undefined && next.due <= now) {
      this.#pieces.shift();
      this.#send(next.bytes);
      [next] = this.#pieces;
    }
    this.#to.uncork();
    if (next !== undefined && !this.#to.destroyed) {
      this.#timer = setTimeout(() => this.#deliver(), Math.max(1, next.due - now));
    }
  }

  #send(bytes: Buffer | undefined): void {
    if (bytes === undefined) {
      this.#to.end();
      return;
    }
    this.#to.write(bytes, () => {
      this.#held -= bytes.length;
      if (this.#held <= this.#underWay / 2) this.#from.resume();
    });
  }
}

/** @returns both ends */
function relayConnection(
  client: Socket,
  { target, delay, underWay }: Required<Omit<Relayed, 'port'>>,
): readonly Socket[] {
  const usable = performance.now() + delay;
  const due = (): number => Math.max(performance.now(), usable) + delay / 2;
  const slabs = new Slabs();
  const server = connect({
    port: target,
    host: '127.0.0.1',
    allowHalfOpen: true,
    onread: {
      buffer: () => slabs.next(),
      callback: (count) => {
        answers.take(slabs.take(count));
        return true;
      },
    },
  });
  const requests = new DelayLine(client, server, underWay, due);
  const answers = new DelayLine(server, client, underWay, due);
  client.on('data', (bytes: Buffer) => requests.take(bytes));
  for (const socket of [client, server]) socket.setNoDelay(true);
  client.on('error', () => server.destroy());
  server.on('error', () => client.destroy());
  return [client, server];
}

/**
 * Makes a server seem further away: every byte takes half the delay in each direction, and a new connection a whole one
 * more, as its handshake would. It neither loses anything nor limits the rate, and a connection is at its full rate at once,
 * which a real one is not.
 */
export class DelayingRelay {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets: ReadonlySet<Socket>;

  private constructor(server: Server, sockets: ReadonlySet<Socket>) {
    const address = server.address();
    this.port = typeof address === 'object' && address !== null ? address.port : 0;
    this.#server = server;
    this.#sockets = sockets;
  }

  static async listen({ port, target, delay, underWay = UNDER_WAY }: Relayed): Promise<DelayingRelay> {
    const sockets = new Set<Socket>();
    const relay = (client: Socket): void => {
      for (const socket of relayConnection(client, { target, delay, underWay })) {
        sockets.add(socket);
        socket.on('close', () => sockets.delete(socket));
      }
    };
    const server = createServer({ allowHalfOpen: true }, relay);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    return new DelayingRelay(server, sockets);
  }

  /** Ends its connections too. */
  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}
