import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CollectionReport } from '../../../src/application/services/collection-run.js';
import { Digest } from '../../../src/domain/content/digest.js';
import { image, repository, tag } from '../../contract/metadata/metadata-actions.js';
import type { DriverUnderTest } from '../../contract/storage-driver.contract.js';
import { filesystemUnderTest, modelOfS3UnderTest } from '../../contract/storage-under-test.js';
import { SharedTree, type OurProcess } from './shared-tree.js';

/** One thing that a process of ours does. */
const action = fc.record({
  kind: fc.constantFrom(
    'push',
    'push',
    'commit',
    'die',
    'delete',
    'untag',
    'flush',
    'replay',
    'repair',
    'collect',
  ),
  process: fc.nat(1),
  repository: fc.constantFrom('a', 'a/b'),
  config: fc.nat(2),
  layer: fc.nat(2),
  tag: fc.nat(1),
  untagged: fc.boolean(),
});
type Action = typeof action extends fc.Arbitrary<infer Value> ? Value : never;

/** What becomes of a push when collection without a grace was faster: it may even take away what is being placed. */
const OVERTAKEN = /condemned|the reservation ran out|the image was not stored|cannot write .*: ENOENT/;

describe.each([['in folders', filesystemUnderTest] as const, ['in a bucket', modelOfS3UnderTest] as const])(
  'collection %s into which only our own processes write',
  (_where, make) => {
    it('is never suspended, whatever they do at once, fail to finish, replay or repair', async () => {
      const property = fc.asyncProperty(
        fc.array(fc.array(action, { minLength: 1, maxLength: 4 }), { minLength: 4, maxLength: 14 }),
        async (rounds) => {
          const busy = await BusyTree.open(make);
          try {
            for (const round of rounds) await Promise.all(round.map((each) => busy.do(each)));
            const last = await busy.collectGarbage();
            const reports = [...busy.reports, last];
            expect(reports.map(({ suspended }) => suspended)).toEqual(reports.map(() => undefined));
            expect(last.links).toBeGreaterThan(0);
          } finally {
            await busy.close();
          }
        },
      );
      const numRuns = Number(process.env['STOWAGE_OWN_WRITERS_RUNS'] ?? 3);
      // Each run takes seconds: a counterexample is not made smaller.
      await fc.assert(property, { numRuns, endOnFailure: true });
    }, 600_000);
  },
);

/** Two processes that do many things at once. */
class BusyTree {
  readonly reports: CollectionReport[] = [];
  readonly #tree: SharedTree;
  readonly #processes: OurProcess[];

  private constructor(tree: SharedTree, processes: OurProcess[]) {
    this.#tree = tree;
    this.#processes = processes;
  }

  static async open(make: () => Promise<DriverUnderTest>): Promise<BusyTree> {
    const tree = await SharedTree.open(make);
    return new BusyTree(tree, [await tree.start(), await tree.start()]);
  }

  close(): Promise<void> {
    return this.#tree.dispose();
  }

  /** In a repository of its own, where nothing is on its way. */
  async collectGarbage(): Promise<CollectionReport> {
    const process = this.#process(0);
    const digest = await process.pushImage('garbage', 'its config', 'its layer', []);
    await process.deleteManifest('garbage', digest);
    return process.collect(true);
  }

  async do(each: Action): Promise<void> {
    const process = this.#process(each.process);
    const [config, layer] = [`config ${each.config}`, `layer ${each.layer}`];
    const name = each.repository;
    const tags = [`t${each.tag}`];
    const digest = digestOf(config, layer);
    if (each.kind === 'push') await unlessOvertaken(process.pushImage(name, config, layer, tags));
    else if (each.kind === 'commit') await unlessOvertaken(process.commitImage(name, config, layer, tags));
    else if (each.kind === 'die') await this.#die(each.process, digest);
    else if (each.kind === 'delete') await process.deleteManifest(name, digest);
    else if (each.kind === 'untag') await process.deleteTag(name, `t${each.tag}`);
    else if (each.kind === 'flush') await process.names.flush();
    else if (each.kind === 'replay') await process.replay();
    else if (each.kind === 'collect') this.reports.push(await process.collect(each.untagged));
    else {
      await process.repairLink({ kind: 'revision', repository: repository(name), digest });
      await process.repairLink({ kind: 'tag', repository: repository(name), tag: tag(`t${each.tag}`) });
    }
  }

  /** A process takes the place of one that has committed a delete and not lived to write it. */
  async #die(at: number, digest: Digest): Promise<void> {
    const dying = await this.#tree.start();
    await dying.ports.manifests.delete(repository('a'), digest, this.#tree.clock.now());
    dying.kill();
    this.#processes[at] = await this.#tree.start();
  }

  #process(at: number): OurProcess {
    const process = this.#processes[at];
    if (process === undefined) throw new Error(`there is no process ${at}`);
    return process;
  }
}

function digestOf(config: string, layer: string): Digest {
  return Digest.of('sha256', image(config, { layers: [layer] }).bytes);
}

async function unlessOvertaken(push: Promise<unknown>): Promise<void> {
  try {
    await push;
  } catch (error) {
    if (!(error instanceof Error) || !OVERTAKEN.test(error.message)) throw error;
  }
}
