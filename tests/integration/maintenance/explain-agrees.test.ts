import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { goesFrom } from '../../../src/application/services/content-explanation.js';
import type { Digest } from '../../../src/domain/content/digest.js';
import { ON_REQUEST } from '../../../src/domain/lifecycle/grace.js';
import type { Manifest } from '../../../src/domain/manifest/manifest.js';
import {
  blobOf,
  DAY,
  image,
  index,
  NOW,
  pushBlob,
  put,
  repository,
  tag,
} from '../../contract/metadata/metadata-actions.js';
import { ExplainedDatabase, REMOVES_UNTAGGED } from './explained-database.js';

const CONTENTS = ['c0', 'c1', 'c2'];
const BASE = image('c0', { layers: ['c1'] });
const SIGNATURE = image('c2', { subject: BASE.digest });
const LIST = index([BASE.digest, SIGNATURE.digest]);
const OUTER = index([LIST.digest, blobOf('c2').digest]);
const ATTESTED = image('c1', { subject: OUTER.digest });
const MANIFESTS: Readonly<Record<string, Manifest>> = { BASE, SIGNATURE, LIST, OUTER, ATTESTED };
const TEAM = repository('team/app');

const day = fc.integer({ min: 0, max: 6 });
const manifest = fc.constantFrom(...Object.keys(MANIFESTS));
const content = fc.constantFrom(...CONTENTS);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('push' as const), content, day }) },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('put' as const), manifest, tagged: fc.boolean(), day }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('untag' as const), day }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), manifest, day }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('adopt' as const), manifest, content }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('damage' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const named = (name: string): Manifest => MANIFESTS[name] ?? BASE;

async function take(database: ExplainedDatabase, action: Step): Promise<void> {
  const { ports } = database;
  switch (action.do) {
    case 'push':
      await pushBlob(ports, 'team/app', action.content, NOW + action.day * DAY);
      return;
    case 'put': {
      const options = { tags: action.tagged ? ['v1'] : [], sparse: true, now: NOW + action.day * DAY };
      await put(ports, 'team/app', named(action.manifest), options);
      return;
    }
    case 'untag':
      await ports.tags.delete(TEAM, tag('v1'), NOW + action.day * DAY);
      return;
    case 'delete':
      await ports.manifests.delete(TEAM, named(action.manifest).digest, NOW + action.day * DAY);
      return;
    case 'adopt':
      if (
        (await ports.manifests.find(TEAM, tag('v1')))?.digest.equals(named(action.manifest).digest) !== true
      ) {
        database.setReview('manifest', named(action.manifest).digest, ON_REQUEST);
      }
      database.setReview('blob_link', blobOf(action.content).digest, ON_REQUEST);
      return;
    case 'damage':
      database.makeUnreadable(TEAM, 'docker/registry/v2/repositories/team/app/_manifests/x');
  }
}

/** What the explanation says goes by now, of what is due: the names that a collection would remove. */
async function explainedToGo(database: ExplainedDatabase, after: number): Promise<readonly string[]> {
  const digests: readonly Digest[] = [
    ...Object.values(MANIFESTS).map(({ digest }) => digest),
    ...CONTENTS.map((each) => blobOf(each).digest),
  ];
  const going: string[] = [];
  for (const digest of digests) {
    const { holders } = await database.explain(digest, { after, policy: REMOVES_UNTAGGED });
    for (const { link, manifest: revision } of holders.items) {
      for (const [kind, name] of Object.entries({ link, revision })) {
        const isDue = name?.reviewAfter !== undefined && name.reviewAfter <= NOW + after;
        const goes = name === undefined ? undefined : goesFrom(name.fate);
        if (isDue && goes !== undefined && goes <= NOW + after) going.push(`${kind} ${digest.toString()}`);
      }
    }
  }
  return going;
}

describe('an explanation', () => {
  it('says that those names go which a review removes, whatever has happened before', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 3, maxLength: 25 }),
        fc.integer({ min: 1, max: 9 }),
        async (steps, days) => {
          const database = await ExplainedDatabase.open();
          try {
            for (const action of steps) await take(database, action);
            const after = days * DAY;
            const explained = await explainedToGo(database, after);
            expect(explained.toSorted()).toEqual(database.removedByReviews(NOW + after).toSorted());
          } finally {
            await database.dispose();
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});
