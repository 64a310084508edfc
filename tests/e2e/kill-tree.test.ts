import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { digestOf, HttpClient } from '../support/http-client.js';
import {
  needsReference,
  ReferenceRegistry,
  REFERENCE_VERSIONS,
  type ReferenceVersion,
} from '../support/reference-registry.js';
import { tagPath } from '../support/reference-tree.js';
import { imageManifest, pushBlob, putManifest } from '../support/registry-actions.js';
import { runProgram } from '../support/run-program.js';
import { PROGRAM, RunningRegistry } from '../support/start-registry.js';
import { describeWith, findTool } from '../support/tools.js';
import { Ledger } from './crash-loop/ledger.js';
import { LoadWorker } from './crash-loop/load-worker.js';
import { readLedger } from './crash-loop/read-ledger.js';
import { SeededRandom } from './crash-loop/seeded-random.js';
import { verifyLedger } from './crash-loop/verify-ledger.js';
import { useTree, type TreeUnderTest } from './round-trip/use-tree.js';

const ROUNDS = Number(process.env['STOWAGE_KILL_ROUNDS'] ?? 3);
const WORKERS = 5;
const RETAG_ROUNDS = 60;

describeWith(needsReference('2.8.2'), 'a tree after kill -9 of Stowage under load', () => {
  const tree = useTree('test');

  it(
    'is served by the reference without a fault, and is complete once Stowage has run again',
    { timeout: 600_000 },
    async () => {
      const seed = randomUUID();
      const random = new SeededRandom(seed);
      const ledger = new Ledger();
      const versions = REFERENCE_VERSIONS.filter(
        (version) => findTool(needsReference(version).tools?.[0] ?? '') !== undefined,
      );
      const registry = tree.keep(await RunningRegistry.start({ folder: tree.folder }));
      // The reference refuses to collect in a tree without any blob, as one is whose registry was killed at once.
      await pushBlob(registry.client, 'before/all', 'content');
      const complaints: string[] = [];
      for (let round = 0; round < ROUNDS && complaints.length === 0; round += 1) {
        const load = Array.from({ length: WORKERS }, async (_, index) =>
          new LoadWorker(
            registry.port,
            `round${round}/worker${index}`,
            ledger,
            `${seed}/${round}/${index}`,
          ).run(),
        );
        await sleep(100 + random.int(1_200));
        await registry.kill9();
        await Promise.all(load);
        const version = versions[round % versions.length] ?? '2.8.2';
        const left = await readByReference(version, tree, ledger);
        complaints.push(...left.faults);
        await registry.start();
        const reader = new HttpClient(registry.port);
        complaints.push(...(await verifyLedger(reader, ledger)));
        reader.close();
        await registry.stop();
        const { faults, values } = await readByReference(version, tree, ledger);
        complaints.push(...faults, ...unlike(ledger, values), ...(await verifyIndex(tree)));
        await registry.start();
      }
      await registry.stop();
      expect([...ledger.complaints, ...complaints], `seed ${seed}`).toEqual([]);
      expect(ledger.blobs.keys().length).toBeGreaterThan(ROUNDS * 10);
      expect(ledger.tags.keys().length).toBeGreaterThan(ROUNDS);
    },
  );
});

describe('two processes of Stowage that move one tag at the same time', () => {
  const tree = useTree('test');

  const inTree = (): string => readFileSync(join(tree.folder, 'data', tagPath('two/app', 'moving')), 'utf8');

  it('never leave the tree with the older of two values', async () => {
    const registries = [
      tree.keep(await RunningRegistry.start({ folder: tree.folder })),
      tree.keep(await RunningRegistry.start({ folder: tree.folder })),
    ];
    const [first, second] = registries;
    if (first === undefined || second === undefined) throw new Error('there are two');
    await pushBlob(first.client, 'two/app', 'config');
    const random = new SeededRandom(randomUUID());
    for (let round = 0; round < RETAG_ROUNDS; round += 1) {
      const [sleeper, other] = round % 2 === 0 ? [first, second] : [second, first];
      const late = retag(sleeper, `late-${round}`, 1 + random.int(2));
      await sleep(random.int(8));
      // Whatever it was about to write, it writes after the other one has moved the tag on.
      sleeper.signal('SIGSTOP');
      const overtaking = retag(other, `overtaking-${round}`, 2);
      await Promise.race([overtaking, sleep(100)]);
      sleeper.signal('SIGCONT');
      await Promise.all([late, overtaking]);
      for (const registry of registries) expect([round, await served(registry)]).toEqual([round, inTree()]);
    }
    for (const registry of registries) expect(await registry.stop()).toBe(0);
  });

  it('leave it with the newer one when one of them is killed', async () => {
    const registries = [
      tree.keep(await RunningRegistry.start({ folder: tree.folder })),
      tree.keep(await RunningRegistry.start({ folder: tree.folder })),
    ];
    const [survivor, victim] = registries;
    if (survivor === undefined || victim === undefined) throw new Error('there are two');
    await pushBlob(survivor.client, 'two/app', 'config');
    for (let round = 0; round < 4; round += 1) {
      const retags = registries.map(async (registry, index) =>
        retag(registry, `killed-${round}-${index}`, 12),
      );
      const ended = Promise.allSettled(retags);
      await sleep(20 + round * 15);
      await victim.kill9();
      await ended;
      const last = await served(survivor);
      // The survivor takes over what the other has left, without a restart.
      await expect.poll(inTree, { timeout: 10_000 }).toBe(last);
      await survivor.stop();
      await survivor.start();
      expect([round, await served(survivor)]).toEqual([round, last]);
      expect([round, inTree()]).toEqual([round, last]);
      await victim.start();
    }
    for (const registry of registries) await registry.stop();
  });
});

async function readByReference(
  version: ReferenceVersion,
  tree: TreeUnderTest,
  ledger: Ledger,
): ReturnType<typeof readLedger> {
  const reference = tree.keep(await ReferenceRegistry.start(version, tree.folder));
  const reading = await readLedger(reference.client, ledger);
  await reference.stop();
  // One empty or cut link would stop it. 3.1.2 also stops at an index without layers beside it, whoever pushed it.
  if (version === '2.8.2') await reference.collectGarbage('--dry-run');
  return { ...reading, faults: reading.faults.map((fault) => `${version}: ${fault}`) };
}

/** `stowage index verify`, while nothing runs. */
async function verifyIndex({ folder }: TreeUnderTest): Promise<string[]> {
  const command = [PROGRAM, 'index', 'verify', join(folder, 'config.yml')];
  const { exitCode, stdout, stderr } = await runProgram(process.execPath, command, { cwd: folder });
  return exitCode === 0 ? [] : [`index verify ends with ${exitCode}:\n${stdout}${stderr}`];
}

/** What the reference does not say as Stowage said it. */
function unlike(
  { blobs, manifests, tags }: Ledger,
  values: ReadonlyMap<string, string | undefined>,
): string[] {
  return [...values].flatMap(([key, value]) => {
    const [kind = '', name = ''] = key.split(' ');
    const outcomes = kind === 'tags' ? tags : kind === 'blobs' ? blobs : manifests;
    const settled = outcomes.settled(name);
    return settled === value ? [] : [`${key} is ${value} in the tree, and ${settled} in Stowage`];
  });
}

/** Moves the tag again and again, each time to an image that it has never named. */
async function retag({ client }: RunningRegistry, of: string, times: number): Promise<void> {
  for (let count = 0; count < times; count += 1) {
    const manifest = imageManifest('config', { annotations: { of, count: String(count) } });
    const { status, body } = await putManifest(client, 'two/app', 'moving', manifest);
    if (status !== 201) throw new Error(`${status} ${body.toString()}`);
  }
}

async function served({ client }: RunningRegistry): Promise<string> {
  const { status, body } = await client.send({ path: '/v2/two/app/manifests/moving' });
  return status === 200 ? digestOf(body) : String(status);
}
