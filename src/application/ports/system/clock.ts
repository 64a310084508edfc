export interface Clock {
  /** Milliseconds of Unix time. */
  now(): number;
}
