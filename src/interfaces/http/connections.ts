import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

interface Connection {
  /** The last one that was begun there; undefined once a sweep has found it ended. */
  answer: ServerResponse | undefined;
  /** Bytes that it had carried, both ways, at the last sweep that found it idle. */
  carried: number;
}

/**
 * The connections that requests came by, and what they are busy with. A request costs a look into a map: that its answer
 * has ended, and that a connection is silent, is found by sweeps. (A timer for the silence after each answer, as Node's
 * keepAliveTimeout sets it, and a listener for its end are a twentieth of a HEAD.)
 */
export class Connections {
  readonly #connections = new Map<Socket, Connection>();

  begin(socket: Socket, answer: ServerResponse): void {
    const known = this.#connections.get(socket);
    if (known !== undefined) {
      known.answer = answer;
      return;
    }
    this.#connections.set(socket, { answer, carried: -1 });
    socket.once('close', () => this.#connections.delete(socket));
  }

  /** The answer that is under way there; undefined: none is. */
  answerOn(socket: Socket): ServerResponse | undefined {
    const answer = this.#connections.get(socket)?.answer;
    return answer === undefined || hasEnded(answer) ? undefined : answer;
  }

  /** Answers under way. */
  get busy(): number {
    return [...this.#connections.keys()].filter((socket) => this.answerOn(socket) !== undefined).length;
  }

  /** Closes what has been silent since the last sweep, and was idle then. */
  sweep(): void {
    for (const [socket, connection] of this.#connections) {
      if (this.answerOn(socket) !== undefined) continue;
      connection.answer = undefined;
      const carried = socket.bytesRead + socket.bytesWritten;
      if (carried === connection.carried) socket.destroy();
      connection.carried = carried;
    }
  }
}

function hasEnded(answer: ServerResponse): boolean {
  return answer.writableFinished || answer.destroyed;
}
