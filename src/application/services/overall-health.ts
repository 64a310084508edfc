import type { HealthStatus } from '../ports/system/health-status.js';

/** What a check has found last: CheckHealth. */
interface Verdict {
  readonly name: string;
  readonly failure: string | undefined;
}

/** The registry is well when every check says so. */
export class OverallHealth implements HealthStatus {
  #checks: readonly Verdict[];

  constructor(checks: readonly Verdict[]) {
    this.#checks = checks;
  }

  /** From now on these count. */
  use(checks: readonly Verdict[]): void {
    this.#checks = checks;
  }

  get healthy(): boolean {
    for (const { failure } of this.#checks) if (failure !== undefined) return false;
    return true;
  }

  failing(): Readonly<Record<string, string>> {
    const failing = new Map<string, string>();
    for (const { name, failure } of this.#checks) if (failure !== undefined) failing.set(name, failure);
    return Object.fromEntries(failing);
  }
}
