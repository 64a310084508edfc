import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CollectGarbage } from '../../../src/application/use-cases/maintenance/collect-garbage.js';
import type { CollectionListener } from '../../../src/application/services/collection-run.js';
import { ContentRemoval } from '../../../src/application/services/content-removal.js';
import { UNWATCHED } from '../../../src/application/services/sole-writer.js';
import { RehearsedRemoval } from '../../../src/application/services/rehearsed-removal.js';
import type { Digest } from '../../../src/domain/content/digest.js';
import { Grace } from '../../../src/domain/lifecycle/grace.js';
import type { Manifest } from '../../../src/domain/manifest/manifest.js';
import { RehearsedContentRemovals } from '../../../src/infrastructure/metadata/sqlite/rehearsed-content-removals.js';
import { RehearsedReviews } from '../../../src/infrastructure/metadata/sqlite/rehearsed-reviews.js';
import { SqliteDatabase } from '../../../src/infrastructure/metadata/sqlite/sqlite-database.js';
import { VolatileBarrier } from '../../../src/infrastructure/metadata/sqlite/volatile-barrier.js';
import { SystemRandom } from '../../../src/infrastructure/system/system-random.js';
import {
  DAY,
  HOUR,
  image,
  index,
  NOW,
  pushBlob,
  pushImage,
  put,
  repository,
  tag,
} from '../../contract/metadata/metadata-actions.js';
import { REFERRERS_AT_ONCE, unexpectedEnd } from '../../contract/metadata/metadata-under-test.js';
import { GRACE, ManualClock } from '../../support/fakes.js';
import { openDatabaseFile, type DatabaseFile } from '../metadata/database-file.js';

const NEVER = new AbortController().signal;

/** One thing that a client does; numbers choose among what is there. */
const action = fc.record({
  kind: fc.constantFrom('image', 'index', 'referrer', 'blob', 'untag', 'delete', 'adopted', 'collect'),
  repository: fc.constantFrom('a', 'b'),
  config: fc.nat(5),
  layer: fc.nat(5),
  choice: fc.nat(20),
  tagged: fc.boolean(),
  hours: fc.nat(59),
});
type Action = typeof action extends fc.Arbitrary<infer Value> ? Value : never;

/** A registry that clients have filled, in the database alone. */
class FilledDatabase {
  readonly file: DatabaseFile;
  readonly #manifests: { readonly repository: string; readonly digest: Digest }[] = [];

  constructor(file: DatabaseFile) {
    this.file = file;
  }

  async do(each: Action): Promise<void> {
    const { ports } = this.file;
    const now = NOW + each.hours * HOUR;
    const name = each.repository;
    const mine = this.#manifests.filter((manifest) => manifest.repository === name);
    const chosen = mine[each.choice % Math.max(1, mine.length)];
    const tags = each.tagged ? [`t${each.choice}`] : [];
    if (each.kind === 'blob') await pushBlob(ports, name, `blob ${each.config}`, now);
    else if (each.kind === 'image') await this.#image(each, undefined, tags, now);
    else if (each.kind === 'referrer') await this.#image(each, chosen?.digest, tags, now);
    else if (each.kind === 'untag') await ports.tags.delete(repository(name), tag(`t${each.choice}`), now);
    else if (each.kind === 'adopted') await this.#adopt(each, chosen?.digest);
    else if (each.kind === 'collect') await collectNow(this.file, now);
    else if (chosen !== undefined) await this.#change(each, chosen.digest, tags, now);
  }

  async #change(each: Action, chosen: Digest, tags: readonly string[], now: number): Promise<void> {
    const { ports } = this.file;
    if (each.kind === 'delete') await ports.manifests.delete(repository(each.repository), chosen, now);
    else {
      const parent = index([chosen], String(each.config));
      const outcome = await put(ports, each.repository, parent, { tags, now });
      if (outcome.kind === 'stored')
        this.#manifests.push({ repository: each.repository, digest: parent.digest });
    }
  }

  async #image(
    each: Action,
    subject: Digest | undefined,
    tags: readonly string[],
    now: number,
  ): Promise<void> {
    const { ports } = this.file;
    const [config, layer] = [`blob ${each.config}`, `blob ${each.layer}`];
    for (const content of [config, layer]) await pushBlob(ports, each.repository, content, now);
    const manifest = image(config, {
      layers: [layer],
      ...(subject && { subject }),
      note: String(each.choice),
    });
    await put(ports, each.repository, manifest, { tags, now });
    this.#manifests.push({ repository: each.repository, digest: manifest.digest });
  }

  async #adopt({ repository: name, config }: Action, subject: Digest | undefined): Promise<void> {
    const manifest = image(`blob ${config}`, { note: 'adopted', ...(subject && { subject }) });
    const blobs = manifest.references.flatMap(({ digest }) => (digest ? [{ digest, size: 6 }] : []));
    await this.file.ports.adoption.add(
      {
        repository: repository(name),
        blobs,
        manifests: [
          {
            digest: manifest.digest,
            mediaType: manifest.mediaType,
            bytes: manifest.bytes,
            content: manifest,
          },
        ],
        tags: [],
        movedTags: 'keep',
        unreadable: [],
      },
      NOW,
    );
  }
}

class Listed implements CollectionListener {
  readonly gone: string[] = [];
  due(): void {}
  reviewed(): void {}
  manifestRemoved({ repository: name, digest }: { repository: unknown; digest: unknown }): void {
    this.gone.push(`manifest ${String(name)}@${String(digest)}`);
  }
  removed({ digest }: { digest: unknown }): void {
    this.gone.push(`content ${String(digest)}`);
  }
  failed(): void {
    throw new Error('nothing can fail here');
  }
}

describe('a rehearsed collection', () => {
  it.each([
    ['without a grace', new Grace(0), true],
    ['without a grace, of blobs alone', new Grace(0), false],
    ['with half of the grace', new Grace(DAY / 2), true],
    ['with the whole grace', GRACE, true],
  ])(
    'says exactly what the real one then removes, and changes nothing: %s',
    async (_how, grace, untagged) => {
      const property = fc.asyncProperty(
        fc.array(action, { minLength: 5, maxLength: 40 }),
        async (actions) => {
          const file = await openDatabaseFile();
          try {
            const filled = new FilledDatabase(file);
            for (const each of actions) await filled.do(each);
            await file.ports.journal.forget(Array.from({ length: 500 }, (_row, at) => ({ id: at + 1 })));
            const before = contentOf(file);
            const request = { grace, requested: true, untagged, batch: 3, pause: 0 };
            const clock = new ManualClock(NOW + 60 * HOUR);
            const rehearsed = await rehearse(file, request, clock);
            expect(contentOf(file)).toEqual(before);
            const listed = new Listed();
            await realCollection(file, clock).execute(request, listed, NEVER);
            expect(rehearsed.toSorted()).toEqual(listed.gone.toSorted());
          } finally {
            await file.dispose();
          }
        },
      );
      await fc.assert(property, { numRuns: 40 });
    },
  );
});

const REFERRERS = 3 * REFERRERS_AT_ONCE + 1;

describe('a rehearsed collection of the many referrers of a subject', () => {
  const name = repository('a');
  const now = NOW + 3 * DAY;
  let file: DatabaseFile;
  let subject: Manifest;
  let referrers: readonly Manifest[];
  beforeEach(async () => {
    file = await openDatabaseFile();
    subject = await pushImage(file.ports, 'a', 'config', { tags: ['v1'] });
    referrers = Array.from({ length: REFERRERS }, (_, at) =>
      image('config', { subject: subject.digest, note: `${at}` }),
    );
  });
  afterEach(() => file.dispose());

  type Change = () => Promise<unknown>;
  const deleted: Change = () => file.ports.manifests.delete(name, subject.digest, now);
  const batch: Change = () => file.ports.reviews.scheduleReferrers();
  const untagged: Change = () => file.ports.tags.delete(name, tag('v1'), now);
  const back: Change = () => put(file.ports, 'a', subject, { now });
  const backWithTag: Change = () => put(file.ports, 'a', subject, { tags: ['v1'], now });

  async function expectToGo(changes: readonly Change[], manifests: number): Promise<void> {
    for (const change of changes) await change();
    const before = contentOf(file);
    const clock = new ManualClock(now + 2 * DAY);
    const request = { grace: GRACE, requested: true, untagged: true, batch: 3, pause: 0 };
    const rehearsed = await rehearse(file, request, clock);
    expect(contentOf(file)).toEqual(before);
    const listed = new Listed();
    await realCollection(file, clock).execute(request, listed, NEVER);
    expect(rehearsed.toSorted()).toEqual(listed.gone.toSorted());
    expect(listed.gone.filter((each) => each.startsWith('manifest'))).toHaveLength(manifests);
  }

  it.each([
    ['was deleted', [deleted], REFERRERS],
    ['no tag reaches', [untagged], REFERRERS + 1],
    ['was deleted and is back', [deleted, backWithTag], 0],
    ['was deleted and is back without a tag', [deleted, back], REFERRERS + 1],
    ['was deleted again', [deleted, batch, back, deleted], REFERRERS],
  ])('says what goes with a subject that %s', async (_what, changes, manifests) => {
    for (const each of referrers) await put(file.ports, 'a', each);
    await collectNow(file, NOW + 2 * DAY);
    await expectToGo(changes, manifests);
  });

  /** A request gives what was adopted a grace, unless its subject went before. */
  it.each([
    ['was deleted', [deleted], REFERRERS],
    ['no tag reaches', [untagged], 1],
    ['was deleted and is back', [deleted, backWithTag], 0],
    ['was deleted and is back without a tag', [deleted, back], REFERRERS_AT_ONCE + 1],
    ['was deleted again', [deleted, batch, back, deleted], REFERRERS],
  ])('says what of adopted ones goes with a subject that %s', async (_what, changes, manifests) => {
    const found = referrers.map((content) => {
      const { digest, mediaType, bytes } = content;
      return { digest, mediaType, bytes, content };
    });
    const others = { blobs: [], tags: [], movedTags: 'keep', unreadable: [] } as const;
    await file.ports.adoption.add({ repository: name, manifests: found, ...others }, NOW);
    await expectToGo(changes, manifests);
  });
});

/** What is due then goes, as it does while a registry serves. */
async function collectNow(file: DatabaseFile, now: number): Promise<void> {
  const request = { grace: GRACE, requested: false, untagged: true, batch: 3, pause: 0 };
  await realCollection(file, new ManualClock(now)).execute(request, new Listed(), NEVER);
}

type Request = Parameters<CollectGarbage['execute']>[0];

async function rehearse(file: DatabaseFile, request: Request, clock: ManualClock): Promise<string[]> {
  const database = SqliteDatabase.openReadOnly(file.path, unexpectedEnd);
  try {
    const reviews = new RehearsedReviews(database, GRACE);
    const contents = new RehearsedContentRemovals(database);
    const removal = new RehearsedRemoval(contents);
    const names = { publish: async () => undefined, flush: async () => undefined };
    const listed = new Listed();
    const collect = new CollectGarbage(
      { reviews, contents, removal, names, writers: UNWATCHED },
      clock,
      GRACE,
    );
    await collect.execute(request, listed, NEVER);
    return listed.gone;
  } finally {
    database.close();
  }
}

/** Over a storage that removes whatever it is asked to. */
function realCollection({ ports }: DatabaseFile, clock: ManualClock): CollectGarbage {
  const storage = {
    prove: async () => undefined,
    openFence: async () => undefined,
    remove: async () => 'gone' as const,
    breakFence: async () => undefined,
    openedBefore: async () => [],
  };
  const removal = new ContentRemoval(
    ports.removals,
    storage,
    new VolatileBarrier(),
    clock,
    new SystemRandom(),
  );
  const names = {
    publish: async (changes: readonly { readonly id: number }[]) => ports.journal.forget(changes),
    flush: async () => undefined,
  };
  const { reviews, removals: contents } = ports;
  return new CollectGarbage({ reviews, contents, removal, names, writers: UNWATCHED }, clock, GRACE);
}

function contentOf({ raw }: DatabaseFile): unknown {
  const references = ['manifest_blob', 'manifest_child', 'departed_subject'];
  const tables = ['content', 'blob_link', 'manifest', 'tag', 'journal', ...references];
  return tables.map((table) => raw.prepare(`SELECT * FROM ${table}`).all());
}
