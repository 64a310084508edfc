import type { Outbox } from '../../ports/metadata/outbox.js';

/** Lets whoever delivers try at once what waits for its time. */
export class RetryDeliveries {
  readonly #outbox: Pick<Outbox, 'askRetry'>;

  constructor(outbox: Pick<Outbox, 'askRetry'>) {
    this.#outbox = outbox;
  }

  /**
   * @param name of an endpoint; undefined for all
   * @returns the names of those for which it was asked; none when there is no such endpoint
   */
  async execute(name: string | undefined): Promise<readonly string[]> {
    return this.#outbox.askRetry(name);
  }
}
