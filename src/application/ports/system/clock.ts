export interface Clock {
  /** Milliseconds of Unix time. */
  now(): number;
  /** Resolves after `ms` milliseconds. */
  sleep(ms: number): Promise<void>;
  /** Calls `task` every `ms` milliseconds until the function it returns is called; keeps no process alive. */
  every(ms: number, task: () => void): () => void;
}
