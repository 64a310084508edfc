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

/** The fields of a line of the log. */
export async function logged(registry: RunningRegistry, message: string): Promise<Record<string, unknown>> {
  return JSON.parse(await registry.says(message)) as Record<string, unknown>;
}
