import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { AnswerParser, type Answer } from './answer-parser.js';

export type Headers = Readonly<Record<string, string | number>>;

interface Waiter {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/** The bytes of a request head; one made once and sent often costs the generator nothing. */
export function requestHead(method: string, path: string, headers: Headers = {}): Buffer {
  const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${fields.join('')}\r\n`);
}

/** One keep-alive connection, one request at a time, on a bare socket: node:http's client would cost as much CPU as the server. */
export class Connection {
  readonly #socket: Socket;
  readonly #parser = new AnswerParser();
  #waiter: Waiter | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      const answer = this.#parser.push(chunk);
      if (answer !== undefined) this.#settle()?.resolve(answer);
    });
    socket.on('error', (error) => this.#settle()?.reject(error));
    socket.on('close', () => this.#settle()?.reject(new Error('the registry closed the connection')));
  }

  static async open(port: number): Promise<Connection> {
    const socket = connect({ port, host: '127.0.0.1' });
    await once(socket, 'connect');
    return new Connection(socket);
  }

  /** @throws Error when the connection ends before the answer. */
  request(method: string, path: string, headers: Headers = {}, body?: Buffer): Promise<Answer> {
    const fields = body === undefined ? headers : { 'Content-Length': body.length, ...headers };
    const head = requestHead(method, path, fields);
    return this.send(body === undefined ? head : Buffer.concat([head, body]), method === 'HEAD');
  }

  /** @param bytes a whole request */
  send(bytes: Buffer, answerHasNoBody: boolean): Promise<Answer> {
    const answer = this.#expect(answerHasNoBody);
    this.#socket.write(bytes);
    return answer;
  }

  /** Sends the head, then the chunks as fast as the registry takes them. */
  async stream(head: Buffer, chunks: Iterable<Buffer>): Promise<Answer> {
    const answer = this.#expect(false);
    // The registry may refuse while the body is still going out: then the wait for 'drain' must end as well.
    const refusal = answer.then(
      () => undefined,
      () => undefined, // thrown by the answer itself, which is what the caller gets
    );
    this.#socket.write(head);
    for (const chunk of chunks) {
      if (this.#waiter === undefined) break;
      if (!this.#socket.write(chunk)) await Promise.race([once(this.#socket, 'drain'), refusal]);
    }
    return answer;
  }

  close(): void {
    this.#socket.destroy();
  }

  #expect(withoutBody: boolean): Promise<Answer> {
    this.#parser.expect(withoutBody);
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject };
    });
  }

  #settle(): Waiter | undefined {
    const waiter = this.#waiter;
    this.#waiter = undefined;
    return waiter;
  }
}
