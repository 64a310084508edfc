/** What the health checks found last. */
export interface HealthStatus {
  /** False while a check fails: every request is then refused with 503. Asked by each of them, so it costs nothing. */
  readonly healthy: boolean;
  /** Failing checks by name, with what is wrong; empty when healthy. */
  failing(): Readonly<Record<string, string>>;
}
