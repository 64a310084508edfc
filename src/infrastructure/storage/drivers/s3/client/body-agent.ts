import { Agent, type ClientRequestArgs } from 'node:http';
import type { ConnectOpts } from 'node:net';
import type { Duplex } from 'node:stream';
import { Receiver } from './receiver.js';

type Connected = (error: Error | null, socket: Duplex) => void;

const receivers = new WeakMap<Duplex, Receiver>();

/** Connections without TLS, for bodies. */
export class BodyAgent extends Agent {
  override createConnection(options: ClientRequestArgs, callback?: Connected): Duplex | null | undefined {
    const receiver = new Receiver();
    const received: ClientRequestArgs & ConnectOpts = { ...options, onread: receiver.onread };
    const socket = super.createConnection(received, callback);
    if (socket) receivers.set(socket, receiver);
    return socket;
  }
}

/** Undefined when the connection was not made by a BodyAgent. */
export function receiverOf(socket: Duplex): Receiver | undefined {
  return receivers.get(socket);
}
