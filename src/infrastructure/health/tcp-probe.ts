import { connect } from 'node:net';
import type { HealthProbe } from '../../application/ports/system/health-probe.js';
import { connectionFault } from '../outgoing/connection-fault.js';
import { untilTimeout } from '../outgoing/until-timeout.js';

interface Target {
  readonly host: string;
  readonly port: number;
}

/** All is well when a connection is taken. It is closed at once. */
export class TcpProbe implements HealthProbe {
  readonly name: string;
  readonly #target: Target;
  readonly #timeout: number;

  /** @param timeout milliseconds */
  constructor(name: string, target: Target, timeout: number) {
    this.name = name;
    this.#target = target;
    this.#timeout = timeout;
  }

  async look(signal: AbortSignal): Promise<void> {
    await untilTimeout(this.#timeout, signal, (stop) => connectOnce(this.#target, stop));
  }
}

async function connectOnce({ host, port }: Target, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const socket = connect({ host, port });
    signal.addEventListener('abort', () => socket.destroy(signal.reason as Error), { once: true });
    socket.once('error', (error) => reject(connectionFault(error)));
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
  });
}
