import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  reachManifest,
  type ChainLink,
  type ManifestGraph,
} from '../../../src/domain/lifecycle/manifest-reach.js';

const NOW = 1_000;

interface Node {
  readonly tagged?: boolean;
  readonly reviewAfter?: number;
  /** What it lists. */
  readonly children?: readonly number[];
  /** Of which it says that it refers to it; the repository need not have that. */
  readonly subject?: number;
}

/** Manifests by their place in the list. */
function graphOf(nodes: readonly Node[]): ManifestGraph<number> {
  return {
    isTagged: (id) => nodes[id]?.tagged === true,
    reviewAfter: (id) => nodes[id]?.reviewAfter,
    parents: (id, limit) =>
      nodes.flatMap(({ children = [] }, parent) => (children.includes(id) ? [parent] : [])).slice(0, limit),
    subject: (id) => {
      const subject = nodes[id]?.subject;
      return subject !== undefined && subject < nodes.length ? subject : undefined;
    },
  };
}

/** The rule as it is written: what is kept keeps what it lists and what refers to it, until nothing is added. */
function keptByTheRule(nodes: readonly Node[], youngAfter: number): ReadonlySet<number> {
  const kept = new Set<number>();
  for (let before = -1; before !== kept.size;) {
    before = kept.size;
    for (const [id, { tagged, reviewAfter = 0, subject }] of nodes.entries()) {
      const isListed = nodes.some(({ children = [] }, parent) => kept.has(parent) && children.includes(id));
      const refersToKept = subject !== undefined && kept.has(subject);
      if (tagged === true || reviewAfter > youngAfter || isListed || refersToKept) kept.add(id);
    }
  }
  return kept;
}

const SIZE = 7;
const place = fc.nat({ max: SIZE });
const node: fc.Arbitrary<Node> = fc.record(
  {
    tagged: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, fc.constant(true)),
    reviewAfter: fc.constantFrom(NOW - 1, NOW, NOW + 1, Number.MAX_SAFE_INTEGER),
    children: fc.uniqueArray(place, { maxLength: 3 }),
    subject: place,
  },
  { requiredKeys: ['tagged'] },
);

const isRoot = ({ tagged, reviewAfter = 0 }: Node = {}): boolean => tagged === true || reviewAfter > NOW;

/** From something kept for its own sake down to the manifest, each holding the next. */
function expectChain(nodes: readonly Node[], chain: readonly ChainLink<number>[], manifest: number): void {
  const [root, ...below] = chain;
  expect(root && [root.heldBy, isRoot(nodes[root.manifest])]).toEqual([undefined, true]);
  for (const [at, { manifest: held, heldBy }] of below.entries()) {
    const above = chain[at]?.manifest ?? -1;
    if (heldBy === 'index') expect(nodes[above]?.children).toContain(held);
    else expect([heldBy, nodes[held]?.subject]).toEqual(['subject', above]);
  }
  expect(chain.at(-1)?.manifest).toBe(manifest);
}

describe('whether a manifest is kept', () => {
  it('follows the rule, whatever lists what and refers to what', () => {
    fc.assert(
      fc.property(
        fc.array(node, { minLength: 1, maxLength: SIZE }),
        fc.constantFrom(NOW, Number.POSITIVE_INFINITY),
        (nodes, youngAfter) => {
          const expected = keptByTheRule(nodes, youngAfter);
          for (const id of nodes.keys()) {
            const reach = reachManifest(graphOf(nodes), id, youngAfter);
            expect(reach.kind).toBe(expected.has(id) ? 'kept' : 'unreached');
            if (reach.kind !== 'unreached') continue;
            expect(reach.visited[0]).toBe(id);
            expect(reach.visited.filter((each) => expected.has(each))).toEqual([]);
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('says by a chain of what holds what from something that is kept for its own sake', () => {
    fc.assert(
      fc.property(fc.array(node, { minLength: 1, maxLength: SIZE }), (nodes) => {
        for (const id of nodes.keys()) {
          const reach = reachManifest(graphOf(nodes), id, NOW);
          if (reach.kind === 'kept') expectChain(nodes, reach.chain, id);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('is no for an index that lists its own subject, and ends', () => {
    const nodes = [{ children: [1], subject: 1 }, { subject: 0 }];
    expect(reachManifest(graphOf(nodes), 0, NOW)).toEqual({ kind: 'unreached', visited: [0, 1] });
    expect(reachManifest(graphOf(nodes), 1, NOW)).toEqual({ kind: 'unreached', visited: [1, 0] });
  });

  it('does not hang on referrers', () => {
    const nodes = [{}, { subject: 0, tagged: true }];
    expect(reachManifest(graphOf(nodes), 0, NOW).kind).toBe('unreached');
  });

  it.each([
    ['1,000 stand above', 999, 'unreached'],
    ['more than 1,000 stand above', 1_000, 'too-many'],
  ])('is settled when %s it', (_what, parents, kind) => {
    const wide = [{}, ...Array.from({ length: parents }, () => ({ children: [0] }))];
    expect(reachManifest(graphOf(wide), 0, NOW).kind).toBe(kind);
    const deep = Array.from({ length: parents + 1 }, (_each, at) => ({ children: [at - 1] }));
    expect(reachManifest(graphOf(deep), 0, NOW).kind).toBe(kind);
  });

  it('is yes before anybody counts when a tag is near', () => {
    const nodes = [
      {},
      { tagged: true, children: [0] },
      ...Array.from({ length: 998 }, () => ({ children: [0] })),
    ];
    expect(reachManifest(graphOf(nodes), 0, NOW)).toEqual({
      kind: 'kept',
      chain: [
        { manifest: 1, heldBy: undefined },
        { manifest: 0, heldBy: 'index' },
      ],
    });
  });
});
