import type { Container } from 'inversify';
import { DroppingWriter } from '../infrastructure/observability/dropping-writer.js';
import { DescriptorSink } from '../infrastructure/observability/log-sink.js';
import { Shutdown } from './shutdown.js';
import { TOKENS as T } from './tokens.js';

const STDERR = 2;

/**
 * Lets a command log to stderr, since what it prints is for stdout.
 * @returns what has to be stopped at its end: so far the log
 */
export function logToStderr(container: Container): Shutdown {
  container.rebind(T.logWriter).toConstantValue(new DroppingWriter(new DescriptorSink(STDERR), () => ''));
  const shutdown = new Shutdown(container.get(T.logger));
  shutdown.add('log', () => container.get(T.logWriter).flush());
  return shutdown;
}
