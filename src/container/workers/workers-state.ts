import type { WorkerProcesses } from '../../infrastructure/workers/worker-processes.js';

/** How the workers are, taken together. */
export class WorkersState {
  readonly #workers: Pick<WorkerProcesses, 'reports'>;
  #stops = false;

  constructor(workers: Pick<WorkerProcesses, 'reports'>) {
    this.#workers = workers;
  }

  /** Nothing new should come. */
  stop(): void {
    this.#stops = true;
  }

  /** Failing health checks of any of them by name. */
  async failing(): Promise<Readonly<Record<string, string>>> {
    const reports = await this.#workers.reports();
    return Object.assign({}, ...reports.map(({ failing }) => failing)) as Record<string, string>;
  }

  /** Why no request should come, as sentences without their full stops; empty when they are ready. */
  async reasons(): Promise<readonly string[]> {
    if (this.#stops) return ['the registry stops'];
    const reports = await this.#workers.reports();
    if (reports.length === 0) return ['the registry starts'];
    return [...new Set(reports.flatMap(({ reasons }) => reasons))];
  }
}
