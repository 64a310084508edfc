import { vi } from 'vitest';
import { RunningRegistry } from '../../support/start-registry.js';

/** What the log says when everything was taken over. */
export const KNOWS = 'the database knows what the folder has';

/** A registry whose log can be read. */
export function serveTree(folder: string): Promise<RunningRegistry> {
  const log = { level: 'info', formatter: 'json', accesslog: { disabled: true } };
  return RunningRegistry.start({ folder, settings: { log } });
}

export async function catalogOf(registry: RunningRegistry): Promise<readonly string[]> {
  const { body } = await registry.client.send({ path: '/v2/_catalog?n=1000' });
  return (JSON.parse(body.toString()) as { repositories: readonly string[] }).repositories;
}

/** The fields of a line; the log comes a little behind what it tells. */
export async function logged(registry: RunningRegistry, message: string): Promise<Record<string, unknown>> {
  const line = await vi.waitFor(
    () => {
      const found = registry.lines.find((text) => text.includes(message));
      if (found === undefined) throw new Error(`there is no line ${message}`);
      return found;
    },
    { timeout: 5_000 },
  );
  return JSON.parse(line) as Record<string, unknown>;
}
