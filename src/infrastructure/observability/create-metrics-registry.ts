import { Registry } from 'prom-client';

/** The registry of metrics: one for each container, so that two in one process do not collide. */
export function createMetricsRegistry(): Registry {
  return new Registry();
}
