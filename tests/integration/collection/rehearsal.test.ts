import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CollectGarbage } from '../../../src/application/use-cases/maintenance/collect-garbage.js';
import type { CollectionListener } from '../../../src/application/services/collection-run.js';
import { ContentRemoval } from '../../../src/application/services/content-removal.js';
import { UNWATCHED } from '../../../src/application/services/sole-writer.js';
import { RehearsedRemoval } from '../../../src/application/services/rehearsed-removal.js';
import type { Digest } from '../../../src/domain/content/digest.js';
import { Grace } from '../../../src/domain/lifecycle/grace.js';
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
  put,
  repository,
  tag,
} from '../../contract/metadata/metadata-actions.js';
import { unexpectedEnd } from '../../contract/metadata/metadata-under-test.js';
import { GRACE, ManualClock } from '../../support/fakes.js';
import { openDatabaseFile, type DatabaseFile } from '../metadata/database-file.js';

const NEVER = new AbortController().signal;

/** One thing that a client does; numbers choose among what is there. */
const action = fc.record({
  kind: fc.constantFrom('image', 'index', 'referrer', 'blob', 'untag', 'delete', 'adopted'),
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
    else if (each.kind === 'adopted') await this.#adopt(each);
    else if (chosen === undefined) return;
    else if (each.kind === 'delete') await ports.manifests.delete(repository(name), chosen.digest, now);
    else {
      const parent = index([chosen.digest], String(each.config));
      const outcome = await put(ports, name, parent, { tags, now });
      if (outcome.kind === 'stored') this.#manifests.push({ repository: name, digest: parent.digest });
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

  async #adopt({ repository: name, config }: Action): Promise<void> {
    const manifest = image(`blob ${config}`, { note: 'adopted' });
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
  const tables = ['content', 'blob_link', 'manifest', 'tag', 'manifest_blob', 'manifest_child', 'journal'];
  return tables.map((table) => raw.prepare(`SELECT * FROM ${table}`).all());
}
