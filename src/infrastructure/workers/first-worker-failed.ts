import type { StartFailure } from './worker-messages.js';

/** The first worker could not start, so there is no registry. */
export class FirstWorkerFailed extends Error {
  override readonly name = 'FirstWorkerFailed';
  readonly failure: StartFailure;

  constructor(failure: StartFailure) {
    super(failure.kind === 'configuration' ? failure.problems.join('\n') : failure.message);
    this.failure = failure;
  }
}
