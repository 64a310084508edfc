import { describe, expect, it } from 'vitest';
import type { StoredManifest } from '../../src/application/ports/metadata/manifest-index.js';
import type { ReferrerPageRequest } from '../../src/application/ports/metadata/referrer-index.js';
import type { PageRequest, TagIndex } from '../../src/application/ports/metadata/tag-index.js';
import { ListReferrers } from '../../src/application/use-cases/referrer/list-referrers.js';
import { ListTags } from '../../src/application/use-cases/tag/list-tags.js';
import { Digest } from '../../src/domain/content/digest.js';
import { RepositoryName } from '../../src/domain/repository/repository-name.js';
import { digestOf } from '../support/http-client.js';

const REPOSITORY = RepositoryName.parse('team/app');
const SUBJECT = Digest.parse(digestOf('subject'));
const INDEX = 'application/vnd.oci.image.index.v1+json';

function referrer(number: number): StoredManifest {
  const subject = { mediaType: INDEX, digest: SUBJECT.toString(), size: 7 };
  const annotations = { number: String(number) };
  const manifest = { schemaVersion: 2, mediaType: INDEX, manifests: [], subject, annotations };
  const bytes = Buffer.from(JSON.stringify(manifest));
  return { digest: Digest.parse(digestOf(bytes)), mediaType: INDEX, size: bytes.length, bytes };
}

/** Answers at once, as a database in the same thread does. */
class Referrers {
  manifests: readonly StoredManifest[];
  onPage: () => void = () => undefined;

  constructor(count: number) {
    this.manifests = Array.from({ length: count }, (_, number) => referrer(number));
  }

  async page({ after, limit }: ReferrerPageRequest): Promise<readonly StoredManifest[] | undefined> {
    const at = after === undefined ? -1 : this.manifests.findIndex(({ digest }) => digest.equals(after));
    if (after !== undefined && at < 0) return undefined;
    const page = this.manifests.slice(at + 1, at + 1 + limit);
    this.onPage();
    return page;
  }

  without(...gone: readonly (StoredManifest | undefined)[]): readonly StoredManifest[] {
    return this.manifests.filter((manifest) => !gone.includes(manifest));
  }
}

/** How often something else had its turn meanwhile. */
async function turnsDuring(work: Promise<unknown>): Promise<number> {
  const state = { turns: 0, ended: false };
  const turn = (): void => {
    state.turns += 1;
    if (!state.ended) setImmediate(turn);
  };
  setImmediate(turn);
  await work;
  state.ended = true;
  return state.turns;
}

describe('a list of thousands, which kept all other requests waiting until it was whole', () => {
  const request = { repository: REPOSITORY, subject: SUBJECT, artifactTypes: [], after: undefined };

  it('lets them be answered in between: referrers', async () => {
    const list = new ListReferrers(new Referrers(2_000)).execute(request);
    expect(await turnsDuring(list)).toBeGreaterThanOrEqual(20);
    expect((await list).referrers).toHaveLength(2_000);
  });

  it('lets them be answered in between: tags', async () => {
    const all = Array.from({ length: 20_000 }, (_, number) => String(number).padStart(6, '0'));
    const index: TagIndex = {
      repositoryExists: async () => true,
      page: async (_repository, { after, limit }: PageRequest) => {
        const from = after === undefined ? 0 : Number(after) + 1;
        return all.slice(from, from + limit);
      },
      delete: async () => undefined,
    };
    const take = async (): Promise<number> => {
      const list = await new ListTags(index).execute({
        repository: REPOSITORY,
        after: undefined,
        limit: undefined,
      });
      let count = 0;
      if (list.kind === 'all') for await (const piece of list.pieces) count += piece.length;
      return count;
    };
    const taken = take();
    expect(await turnsDuring(taken)).toBeGreaterThanOrEqual(20);
    expect(await taken).toBe(20_000);
  });

  it('goes on where it was when the last ones that it has listed are deleted meanwhile', async () => {
    const index = new Referrers(250);
    const expected = index.manifests.map(({ digest }) => digest.toString());
    index.onPage = () => {
      index.manifests = index.without(index.manifests[98], index.manifests[99]);
      index.onPage = () => undefined;
    };
    const { referrers, next } = await new ListReferrers(index).execute(request);
    expect(referrers.map(({ digest }) => digest)).toEqual(expected);
    expect(next).toBeUndefined();
  });

  it('begins with what is left when all that it has listed is deleted meanwhile', async () => {
    const index = new Referrers(150);
    const expected = index.manifests.map(({ digest }) => digest.toString());
    index.onPage = () => {
      index.manifests = index.manifests.slice(100);
      index.onPage = () => undefined;
    };
    const { referrers } = await new ListReferrers(index).execute(request);
    expect(referrers.map(({ digest }) => digest)).toEqual(expected);
  });
});
