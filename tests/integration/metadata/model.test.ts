import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../../src/domain/manifest/manifest.js';
import {
  blobOf,
  image,
  index,
  NOW,
  pushBlob,
  put,
  repository,
  tag,
} from '../../contract/metadata/metadata-actions.js';
import { sqliteMemoryUnderTest, type MetadataPorts } from '../../contract/metadata/metadata-under-test.js';
import { RegistryModel } from './registry-model.js';

const NAMES = ['a', 'a/b'];
const CONTENTS = ['c0', 'c1', 'c2'];
const TAGS = ['v1', 'v2'];
const BASE = image('c0', { layers: ['c1'] });
const SIGNATURE = image('c2', { subject: BASE.digest });
const LIST = index([BASE.digest, SIGNATURE.digest]);
const MANIFESTS: readonly Manifest[] = [BASE, SIGNATURE, LIST, index([LIST.digest, blobOf('c2').digest])];

const name = fc.constantFrom(...NAMES);
const content = fc.constantFrom(...CONTENTS);
const manifest = fc.constantFrom(...MANIFESTS);
const operation = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('push' as const), name, content }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('mount' as const),
      name,
      content,
      source: fc.constantFrom(...NAMES, 'anywhere'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('unlink' as const), name, content }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('put' as const),
      name,
      manifest,
      tags: fc.subarray(TAGS),
      sparse: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete' as const), name, manifest }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('untag' as const), name, tag: fc.constantFrom(...TAGS) }),
  },
);
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

/** Does the same to both, and compares what they answer. */
async function perform(step: Operation, ports: MetadataPorts, model: RegistryModel): Promise<void> {
  const where = repository(step.name);
  switch (step.kind) {
    case 'push':
      await pushBlob(ports, step.name, step.content);
      model.push(step.name, step.content);
      return;
    case 'mount': {
      const { digest } = blobOf(step.content);
      const source = step.source === 'anywhere' ? 'anywhere' : repository(step.source);
      const mounted = await ports.blobs.mount({
        digest,
        source,
        mayUse: () => true,
        target: where,
        now: NOW,
      });
      expect(mounted !== undefined).toBe(model.mount(digest.toString(), step.source, step.name));
      return;
    }
    case 'unlink': {
      const { digest } = blobOf(step.content);
      const outcome = await ports.blobs.unlink(where, digest, NOW);
      expect(outcome.kind).toBe(model.unlink(step.name, digest.toString()));
      return;
    }
    case 'put': {
      const outcome = await put(ports, step.name, step.manifest, step);
      const missing = model.put(step.name, step.manifest, step.tags, step.sparse);
      expect(outcome.kind === 'missing' ? outcome.digests : []).toEqual(missing);
      return;
    }
    case 'delete': {
      const outcome = await ports.manifests.delete(where, step.manifest.digest, NOW);
      expect(outcome.kind).toBe(model.delete(step.name, step.manifest.digest.toString()));
      return;
    }
    case 'untag':
      expect((await ports.tags.delete(where, tag(step.tag), NOW)) !== undefined).toBe(
        model.of(step.name).tags.delete(step.tag),
      );
  }
}

/** Everything that can be asked is answered as the model does. */
async function compare(ports: MetadataPorts, model: RegistryModel): Promise<void> {
  expect(await ports.catalog.page({ after: undefined, limit: 10 })).toEqual(model.catalog());
  for (const text of NAMES) {
    const [where, expected] = [repository(text), model.of(text)];
    expect(await ports.tags.page(where, { after: undefined, limit: 10 })).toEqual(
      [...expected.tags.keys()].toSorted(),
    );
    for (const [tagged, target] of expected.tags) {
      expect((await ports.manifests.find(where, tag(tagged)))?.digest.toString()).toBe(target);
    }
    for (const { digest, bytes } of MANIFESTS) {
      const stored = await ports.manifests.load(where, digest);
      expect(stored?.bytes.equals(bytes)).toBe(expected.manifests.has(digest.toString()) ? true : undefined);
    }
    for (const text2 of CONTENTS) {
      const { digest } = blobOf(text2);
      const link = await ports.blobs.find(where, digest);
      expect(link !== undefined).toBe(expected.blobs.has(digest.toString()));
    }
    const referrers = await ports.referrers.page({
      repository: where,
      subject: BASE.digest,
      artifactTypes: [],
      after: undefined,
      limit: 10,
    });
    expect(referrers).toHaveLength(expected.manifests.has(SIGNATURE.digest.toString()) ? 1 : 0);
  }
}

describe('any sequence of operations', () => {
  it('leaves the metadata as a model of the protocol has it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { minLength: 5, maxLength: 60 }), async (steps) => {
        const ports = await sqliteMemoryUnderTest();
        const model = new RegistryModel();
        for (const step of steps) {
          await perform(step, ports, model);
          await compare(ports, model);
        }
        await ports.dispose();
      }),
      { numRuns: 60 },
    );
  });
});
