import { RegistryError, Unavailable } from '../../../../src/domain/errors.js';
import type { Manifest } from '../../../../src/domain/manifest/manifest.js';
import { collect, pullWhole, pushWhole } from './actions.js';
import { checkAtRest } from './check-at-rest.js';
import { checkWorld } from './check-world.js';
import type { CollectionProcess } from './collection-process.js';
import { CollectionWorld } from './collection-world.js';
import { comeToRest } from './come-to-rest.js';
import { DrivenCall } from './drive.js';

const LEASE = 120_000;
/** The victim, and the other one. */
const STARTED = new Set(['process 1', 'process 2']);
/** Each waits half a minute and more. */
const ATTEMPTS = 6;
export const GRACE_OF_POINTS = 60_000;
/** What everybody pushes: its config and one of its layers are garbage when the victim begins. */
export const IMAGE = ['config', 'layer', 'shared layer'] as const;
export const NAME = 'team/app';

/** What one process does when something happens to it. */
export interface Victim {
  /** What has happened before; the first process does it. */
  readonly before: (process: CollectionProcess, world: CollectionWorld) => Promise<void>;
  readonly call: (process: CollectionProcess) => Promise<unknown>;
  /** What may not happen to it. */
  readonly except?: Fate;
  /** Whether it has to do with small blobs that wait in the database: then everything happens to it with them too. */
  readonly waits?: boolean;
}

/**
 * `killed`: its process dies there. `asleep`: it is stopped beyond every lease and grace, while others go on, and then
 * goes on itself. `woken`: the same, but it is killed when it has done the one call before which it was stopped.
 * `interrupted`: others come in between.
 */
export type Fate = 'killed' | 'asleep' | 'woken' | 'interrupted';

export interface FaultReport {
  /** Calls before which it happened. */
  readonly points: number;
  readonly complaints: readonly string[];
}

/** Lets the victim meet its fate before each of its calls in turn, in a world of its own each time. */
export async function atEveryPoint(victim: Victim, fate: Fate, waiting: boolean): Promise<FaultReport> {
  const complaints: string[] = [];
  for (let point = 0; ; point += 1) {
    const world = await CollectionWorld.open(point + 1, {
      grace: GRACE_OF_POINTS,
      shortened: false,
      sparse: false,
      waiting,
    });
    try {
      const { label, found } = await atPoint(world, victim, fate, point);
      complaints.push(...found.map((complaint) => `${fate} before ${point} (${label}): ${complaint}`));
      if (label === undefined || complaints.length > 20) return { points: point, complaints };
    } finally {
      await world.close();
    }
  }
}

async function atPoint(world: CollectionWorld, victim: Victim, fate: Fate, point: number) {
  const [first, second] = [await world.start(), await world.start()];
  await (await DrivenCall.begin(world, first, (process) => victim.before(process, world))).toEnd();
  const driven = await DrivenCall.begin(world, first, victim.call);
  for (let step = 0; step < point && (await driven.step()); step += 1);
  const label = world.scheduler.all().find(({ life }) => life === first.life)?.label;
  if (fate === 'killed') world.kill(first);
  if (fate === 'asleep' || fate === 'woken') world.scheduler.advance(2 * LEASE + 2 * GRACE_OF_POINTS);
  const found = [...(await checkWorld(world))];
  await others(world, second);
  found.push(...(await checkWorld(world)));
  if (fate === 'woken') {
    await driven.step();
    world.kill(first);
  } else if (fate !== 'killed') found.push(...(await finish(driven)));
  found.push(...(await checkWorld(world)));
  await comeToRest(world, false);
  found.push(...(await checkAtRest(world)));
  return { label, found };
}

/** Push and pull the image of which the victim takes something, or pushes it as well; collect before and after it. */
async function others(world: CollectionWorld, process: CollectionProcess): Promise<void> {
  const drive = async (call: (process: CollectionProcess) => Promise<unknown>): Promise<void> =>
    (await DrivenCall.begin(world, process, call)).toEnd();
  await drive(() => process.replayNames.execute());
  await drive(() => collect(process));
  await drive(async () => pullWhole(process, NAME, await pushPatiently(process)));
  await wakeSleepers(world);
  await drive(() => process.names.flush());
  await drive(() => collect(process));
}

/** Whoever was stopped before all this goes on, at no other time than now. */
async function wakeSleepers({ scheduler, processes }: CollectionWorld): Promise<void> {
  const lives = new Set(processes.map(({ life }) => life).filter(({ name }) => !STARTED.has(name)));
  const asleep = () => scheduler.all().find(({ life }) => lives.has(life));
  for (let next = asleep(); next !== undefined; next = asleep()) await scheduler.resume(next);
}

/** Whoever is told to come again does so, until the lease of a dead worker has run out. */
async function pushPatiently(process: CollectionProcess): Promise<Manifest> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await pushWhole(process, NAME, IMAGE, 'latest');
    } catch (error) {
      if (!(error instanceof Unavailable) || attempt === ATTEMPTS) throw error;
      await process.clock.sleep(error.retryAfter * 1_000);
    }
  }
}

/** It may be refused by then, and has to say so. */
async function finish(driven: DrivenCall): Promise<readonly string[]> {
  try {
    await driven.toEnd();
  } catch (error) {
    if (!(error instanceof RegistryError)) return [`it failed: ${String(error)}`];
  }
  return [];
}
