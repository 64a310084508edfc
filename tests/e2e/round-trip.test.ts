import { beforeAll, expect, it } from 'vitest';
import { IMAGE_TOOLS, ensureImages } from '../support/images.js';
import { OciLayout } from '../support/oci-layout.js';
import { pushImageSet, skopeoCopy } from '../support/push-image-set.js';
import { needsReference, type ReferenceVersion } from '../support/reference-registry.js';
import { differences, walkRegistry, type AlsoAsked, type Snapshot } from '../support/registry-walk.js';
import { describeWith, findTool } from '../support/tools.js';
import { changeTree, pushMoving } from './round-trip/change-tree.js';
import { pushEdgeContent } from './round-trip/edge-content.js';
import { startProgram, type ProgramName, type TreeProgram } from './round-trip/tree-program.js';
import { useTree, type TreeUnderTest } from './round-trip/use-tree.js';

interface Allowed {
  /** Of a line of `differences`. */
  readonly line: RegExp;
  /** Where one of the two programs is that one. */
  readonly with: ProgramName;
  readonly why: string;
}

/** Every difference between two programs on one tree that is known and meant. All else must be identical. */
const ALLOWED: readonly Allowed[] = [
  {
    line: /^catalog edge\/index-only:/,
    with: '2.8.2',
    why: 'its catalog lists the repositories that have layers: an index without children has none',
  },
  {
    line: /^catalog edge\/(loose|mounted):/,
    with: '3.1.2',
    why: 'its catalog lists the repositories that have had a manifest: these have blobs alone',
  },
  {
    line: /^edge\/declared[:@].*: 200 \S*docker\S* .*200 \S*oci\S* |^edge\/declared[:@].*: 200 \S*oci\S* .*200 \S*docker\S* /,
    with: 'Stowage',
    why: 'the type of a manifest whose body names none is kept by Stowage, and guessed by the reference',
  },
];

const SHOWN = 40;
const LARGE = 5_000_000;
/** The walk of the small images and the edge content alone finds more. */
const LEAST_ANSWERS = 200;

const ROUTES: readonly (readonly [ProgramName, ProgramName])[] = [
  // What the two share shows that the walk and its table are right.
  ['2.8.2', '3.1.2'],
  ['Stowage', '2.8.2'],
  ['Stowage', '3.1.2'],
  ['2.8.2', 'Stowage'],
  ['3.1.2', 'Stowage'],
];

for (const [home, other] of ROUTES) {
  const versions = [home, other].filter((name): name is ReferenceVersion => name !== 'Stowage');
  const tools = [...IMAGE_TOOLS, ...(needsReference(...versions).tools ?? [])];
  describeWith({ tools }, `a tree of ${home}, then of ${other}, then of ${home} again`, () => {
    const trip = new Trip(home, other, useTree('group'));
    beforeAll(async () => trip.prepare());

    it('serves the same after the first change of program', async () => {
      await trip.push();
      expect(await trip.changeProgram()).toEqual([]);
    });

    it('serves what the second program pushed, moved and deleted, after the change back', async () => {
      await trip.change(0);
      expect(await trip.changeProgram()).toEqual([]);
    });

    it('serves what the first program pushed again, moved back and deleted, after one change more', async () => {
      await trip.change(1);
      expect(await trip.changeProgram()).toEqual([]);
    });

    if (home === 'Stowage' || other === 'Stowage') {
      it('lists the referrers of an image, whichever program took them', async () => {
        if (other !== 'Stowage') expect(await trip.changeProgram()).toEqual([]);
        const attached = findTool('oras') === undefined ? [] : ['example/note'];
        expect(await trip.referrersOfBusybox()).toEqual(
          [...attached, 'application/vnd.example.sbom.v1+json'].toSorted(),
        );
      });
    }
  });
}

/** A tree that two programs run on in turn. */
class Trip {
  readonly #tree: TreeUnderTest;
  readonly #names: readonly [ProgramName, ProgramName];
  readonly #programs = new Map<ProgramName, TreeProgram>();
  readonly #repositories = new Set<string>();
  readonly #manifests = new Set<string>();
  readonly #blobs = new Set<string>();
  #running: ProgramName;
  #changes = 0;
  #images = '';
  #moving: Awaited<ReturnType<typeof pushMoving>> | undefined;

  constructor(home: ProgramName, other: ProgramName, tree: TreeUnderTest) {
    this.#tree = tree;
    this.#names = [home, other];
    this.#running = home;
  }

  async prepare(): Promise<void> {
    this.#images = await ensureImages();
    await this.#start();
  }

  async push(): Promise<void> {
    const { host, client } = this.#program;
    // The large images go each way once.
    const withLarge = this.#names.includes('Stowage') && this.#names.includes('3.1.2');
    await pushImageSet({ host, images: this.#images, folder: this.#tree.folder }, withLarge);
    this.#ask(await pushEdgeContent(client, this.#running));
    this.#moving = await pushMoving(client);
  }

  async change(round: number): Promise<void> {
    const { host, client } = this.#program;
    if (this.#moving === undefined) throw new Error('nothing was pushed');
    this.#ask(await changeTree(client, this.#running, this.#moving, round));
    await skopeoCopy(
      { host, images: this.#images, folder: this.#tree.folder },
      'busybox:1',
      `set/busybox:${round}`,
    );
  }

  /** Stops the one and starts the other. @returns what differs and may not */
  async changeProgram(): Promise<string[]> {
    const before = await this.#walk();
    expect(before.size).toBeGreaterThan(LEAST_ANSWERS);
    await this.#program.stop();
    const [home, other] = this.#names;
    this.#running = this.#running === home ? other : home;
    await this.#start();
    const found = differences(before, await this.#walk()).filter((line) => !this.#isAllowed(line));
    this.#changes += 1;
    return found.length > SHOWN ? [...found.slice(0, SHOWN), `and ${found.length - SHOWN} more`] : found;
  }

  /** Their artifact types, sorted. */
  async referrersOfBusybox(): Promise<string[]> {
    const { digest } = await new OciLayout(`${this.#images}/busybox`).find('1');
    const { body } = await this.#program.client.send({ path: `/v2/set/busybox/referrers/${digest}` });
    const { manifests } = JSON.parse(body.toString()) as { manifests: { artifactType: string }[] };
    return manifests.map(({ artifactType }) => artifactType).toSorted();
  }

  async #start(): Promise<void> {
    const known = this.#programs.get(this.#running);
    await known?.start();
    if (known !== undefined) return;
    this.#programs.set(this.#running, this.#tree.keep(await startProgram(this.#running, this.#tree)));
  }

  async #walk(): Promise<Snapshot> {
    return walkRegistry(this.#program, {
      repositories: [...this.#repositories],
      manifests: [...this.#manifests],
      blobs: [...this.#blobs],
      // The bytes of large blobs are read before and after the first change of program.
      ...(this.#changes > 0 ? { largestRead: LARGE } : {}),
    });
  }

  #isAllowed(line: string): boolean {
    return ALLOWED.some((each) => this.#names.includes(each.with) && each.line.test(line));
  }

  #ask({ repositories = [], manifests = [], blobs = [] }: AlsoAsked): void {
    for (const name of repositories) this.#repositories.add(name);
    for (const key of manifests) this.#manifests.add(key);
    for (const key of blobs) this.#blobs.add(key);
  }

  get #program(): TreeProgram {
    const program = this.#programs.get(this.#running);
    if (program === undefined) throw new Error('used before it was started');
    return program;
  }
}
