import type { StartFailure } from './worker-messages.js';

/** The first worker could not start, so there is no registry. */
export class FirstWorkerFailed extends Error {
  override readonly name = 'FirstWorkerFailed';
  readonly failure: StartFailure;

  constructor(failure: StartFailure) {
    super(textOf(failure));
    this.failure = failure;
  }
}

/** Why a worker could not start, as people read it. */
export function textOf(failure: StartFailure): string {
  return failure.kind === 'configuration' ? failure.problems.join(' ') : failure.message;
}
