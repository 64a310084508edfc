import type { EndpointState, Outbox } from '../../ports/metadata/outbox.js';

/** How an endpoint fares. */
export interface EndpointReport extends EndpointState {
  /** Events that it is not past, those that it ignores included. */
  readonly waiting: number;
  /** When the oldest of them was written (ms of Unix time); undefined when there is none. */
  readonly waitingSince: number | undefined;
}

/** Says how endpoints fare. */
export class ShowEndpoints {
  readonly #outbox: Pick<Outbox, 'endpoints' | 'end' | 'createdAfter'>;

  constructor(outbox: Pick<Outbox, 'endpoints' | 'end' | 'createdAfter'>) {
    this.#outbox = outbox;
  }

  /** By name, in byte order. */
  async execute(): Promise<readonly EndpointReport[]> {
    const { newest } = this.#outbox.end();
    return this.#outbox.endpoints().map((state) => ({
      ...state,
      waiting: Math.max(0, newest - state.deliveredThrough),
      waitingSince: this.#outbox.createdAfter(state.deliveredThrough),
    }));
  }
}
