import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MEDIA_TYPES } from '../../src/domain/content/media-type.js';
import { digestOf, errorCodes, type HttpClient } from '../support/http-client.js';
import { InProcessRegistry } from '../support/in-process-registry.js';
import { imageManifest, pushBlob, pushImage, putManifest } from '../support/registry-actions.js';

/** In byte order: upper case before lower case, `-` and `.` where ASCII has them. */
const TAGS = ['1.0', '1.0-alpine', '1.0.1', 'A', 'B', '_', 'a', 'b', 'latest'];

describe('lists', () => {
  let registry: InProcessRegistry;
  let client: HttpClient;

  beforeAll(async () => {
    registry = await InProcessRegistry.start();
    client = registry.client;
    await pushBlob(client, 'lists/tags', 'config');
    for (const tag of TAGS.toReversed())
      await putManifest(client, 'lists/tags', tag, imageManifest('config'));
  });
  afterAll(async () => registry.stop());

  async function tags(
    query = '',
    repository = 'lists/tags',
  ): Promise<{ tags: string[]; link: string | undefined }> {
    const answer = await client.send({ path: `/v2/${repository}/tags/list${query}` });
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/json']);
    const document = JSON.parse(answer.body.toString()) as { name: string; tags: string[] };
    expect(document.name).toBe(repository);
    return { tags: document.tags, link: answer.headers['link'] as string | undefined };
  }

  describe('of tags', () => {
    it('have all of them in byte order, and no Link', async () => {
      expect(await tags()).toEqual({ tags: TAGS, link: undefined });
    });

    it.each([1, 2, 3, 9, 10])('are whole when followed by pages of %i', async (n) => {
      const seen: string[] = [];
      let query: string | undefined = `?n=${n}`;
      while (query !== undefined) {
        const page = await tags(query);
        expect(page.tags.length).toBeLessThanOrEqual(n);
        seen.push(...page.tags);
        query = /^<\/v2\/lists\/tags\/tags\/list(\?[^>]+)>; rel="next"$/.exec(page.link ?? '')?.[1];
      }
      expect(seen).toEqual(TAGS);
    });

    it('have no Link on a page that is the last one exactly', async () => {
      expect((await tags(`?n=${TAGS.length}`)).link).toBeUndefined();
    });

    it('begin behind `last`, whether it exists or not, with n and without', async () => {
      expect((await tags('?last=A')).tags).toEqual(TAGS.slice(4));
      expect((await tags('?last=1.0-zzz')).tags).toEqual(TAGS.slice(2));
      expect((await tags('?last=zzz')).tags).toEqual([]);
      expect((await tags('?n=1&last=_')).tags).toEqual(['a']);
    });

    it('are empty for n=0, without a Link', async () => {
      expect(await tags('?n=0')).toEqual({ tags: [], link: undefined });
    });

    it.each(['-1', 'x', '1.5', '1e3'])('refuse n=%s', async (n) => {
      const answer = await client.send({ path: `/v2/lists/tags/tags/list?n=${n}` });
      expect([answer.status, errorCodes(answer)]).toEqual([400, ['PAGINATION_NUMBER_INVALID']]);
    });

    it('do not exist for an unknown repository, nor for one that an upload has only begun', async () => {
      await client.send({ method: 'POST', path: '/v2/lists/begun/blobs/uploads/' });
      for (const repository of ['lists/unknown', 'lists/begun']) {
        const answer = await client.send({ path: `/v2/${repository}/tags/list` });
        expect([answer.status, errorCodes(answer)]).toEqual([404, ['NAME_UNKNOWN']]);
      }
    });

    it('are empty, not null, for a repository that has blobs alone', async () => {
      await pushBlob(client, 'lists/blobs', 'x');
      expect(await tags('', 'lists/blobs')).toEqual({ tags: [], link: undefined });
    });

    it('may be longer than what is read from the index at once', async () => {
      await pushBlob(client, 'lists/many', 'config');
      const manifest = imageManifest('config');
      const names = Array.from({ length: 2345 }, (_, n) => `t${String(n).padStart(5, '0')}`);
      for (let at = 0; at < names.length; at += 100) {
        const query = names
          .slice(at, at + 100)
          .map((name) => `tag=${name}`)
          .join('&');
        const answer = await client.send({
          method: 'PUT',
          path: `/v2/lists/many/manifests/${digestOf(manifest)}?${query}`,
          headers: { 'content-type': MEDIA_TYPES.ociManifest },
          body: manifest,
        });
        expect(answer.status).toBe(201);
      }
      expect((await tags('', 'lists/many')).tags).toEqual(names);
      const clamped = await tags('?n=5000', 'lists/many');
      expect(clamped.tags.length).toBe(1000);
      expect(clamped.link).toContain('n=1000');
    });
  });

  describe('of repositories', () => {
    let own: InProcessRegistry;
    const NAMES = ['a', 'a-b', 'a.b', 'a/b', 'a0', 'b'];

    beforeAll(async () => {
      own = await InProcessRegistry.start({ catalog: { maxentries: 5 } });
      for (const name of NAMES) await pushImage(own.client, name, 'v1', 'config');
    });
    afterAll(async () => own.stop());

    async function catalog(query = ''): Promise<{ names: string[]; link: string | undefined }> {
      const answer = await own.client.send({ path: `/v2/_catalog${query}` });
      expect(answer.status).toBe(200);
      const { repositories } = JSON.parse(answer.body.toString()) as { repositories: string[] };
      return { names: repositories, link: answer.headers['link'] as string | undefined };
    }

    it('have a page of at most maxentries in byte order and a Link to the rest', async () => {
      const page = await catalog();
      expect(page.names).toEqual(NAMES.slice(0, 5));
      expect(page.link).toBe('</v2/_catalog?last=a0&n=5>; rel="next"');
      expect(await catalog('?last=a0&n=5')).toEqual({ names: ['b'], link: undefined });
    });

    it('are empty for n=0 and refuse more than maxentries', async () => {
      expect(await catalog('?n=0')).toEqual({ names: [], link: undefined });
      const answer = await own.client.send({ path: '/v2/_catalog?n=6' });
      expect([answer.status, errorCodes(answer)]).toEqual([400, ['PAGINATION_NUMBER_INVALID']]);
    });

    it('lose a repository with its last content, and get it back with the next', async () => {
      const manifest = await pushImage(own.client, 'gone', 'v1', 'config');
      expect((await catalog('?last=b')).names).toEqual(['gone']);
      await own.client.send({ method: 'DELETE', path: `/v2/gone/manifests/${digestOf(manifest)}` });
      await own.client.send({ method: 'DELETE', path: `/v2/gone/blobs/${digestOf('config')}` });
      expect((await catalog('?last=b')).names).toEqual([]);
      await pushBlob(own.client, 'gone', 'config');
      expect((await catalog('?last=b')).names).toEqual(['gone']);
    });
  });

  describe('of referrers', () => {
    const REPOSITORY = 'lists/referrers';

    interface Index {
      readonly mediaType: string;
      readonly schemaVersion: number;
      readonly manifests: readonly {
        digest: string;
        artifactType?: string;
        annotations?: object;
        size: number;
      }[];
    }

    async function referrers(
      digest: string,
      query = '',
      repository = REPOSITORY,
    ): Promise<[Index, Record<string, unknown>]> {
      const answer = await client.send({ path: `/v2/${repository}/referrers/${digest}${query}` });
      expect([answer.status, answer.headers['content-type']]).toEqual([200, MEDIA_TYPES.ociIndex]);
      return [JSON.parse(answer.body.toString()) as Index, answer.headers];
    }

    async function attach(subject: string, type: string, note: string): Promise<string> {
      await pushBlob(client, REPOSITORY, 'config');
      const manifest = imageManifest('config', {
        subject: { mediaType: MEDIA_TYPES.ociManifest, digest: subject, size: 7 },
        artifactType: type,
        annotations: { note },
      });
      const answer = await putManifest(client, REPOSITORY, digestOf(manifest), manifest);
      expect([answer.status, answer.headers['oci-subject']]).toEqual([201, subject]);
      return digestOf(manifest);
    }

    it('are an empty index for what nobody refers to, and for a repository that is not there', async () => {
      const [index] = await referrers(digestOf('lonely'), '', 'lists/nowhere');
      expect(index).toEqual({ schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: [] });
    });

    it('name each manifest with type and annotations, before its subject comes and after', async () => {
      const image = imageManifest('config', { annotations: { v: 'subject' } });
      const subject = digestOf(image);
      const sbom = await attach(subject, 'application/vnd.example.sbom.v1+json', 'first');
      const [before] = await referrers(subject);
      expect(before.manifests).toMatchObject([
        {
          digest: sbom,
          artifactType: 'application/vnd.example.sbom.v1+json',
          annotations: { note: 'first' },
        },
      ]);
      await putManifest(client, REPOSITORY, 'v1', image);
      expect((await referrers(subject))[0]).toEqual(before);
      await client.send({ method: 'DELETE', path: `/v2/${REPOSITORY}/manifests/${subject}` });
      expect((await referrers(subject))[0]).toEqual(before);
    });

    it('are filtered by one type or several, with and without an encoded plus, and say so', async () => {
      const subject = digestOf('filtered');
      const types = ['application/vnd.a+json', 'application/vnd.b+json', 'application/vnd.c+json'];
      const digests = [];
      for (const type of types) digests.push(await attach(subject, type, type));
      const [all, plain] = await referrers(subject);
      expect(all.manifests.length).toBe(3);
      expect(plain['oci-filters-applied']).toBeUndefined();
      for (const query of [
        '?artifactType=application%2Fvnd.b%2Bjson',
        '?artifactType=application/vnd.b+json',
      ]) {
        const [one, headers] = await referrers(subject, query);
        expect(one.manifests.map(({ digest }) => digest)).toEqual([digests[1]]);
        expect(headers['oci-filters-applied']).toBe('artifactType');
      }
      const [two] = await referrers(
        subject,
        '?artifactType=application/vnd.a%2Bjson&artifactType=application/vnd.c%2Bjson',
      );
      expect(two.manifests.map(({ digest }) => digest).toSorted()).toEqual(
        [digests[0]!, digests[2]!].toSorted(),
      );
      const [none] = await referrers(subject, '?artifactType=application/vnd.unknown');
      expect(none.manifests).toEqual([]);
    });

    it('lose a manifest that is deleted', async () => {
      const subject = digestOf('deleted referrer');
      const digest = await attach(subject, 'application/vnd.example', 'x');
      await client.send({ method: 'DELETE', path: `/v2/${REPOSITORY}/manifests/${digest}` });
      expect((await referrers(subject))[0].manifests).toEqual([]);
    });

    it('come in pages that clients can read, whole when followed', async () => {
      const subject = digestOf('paged');
      const pushed: string[] = [];
      for (let n = 0; n < 5; n += 1) {
        pushed.push(await attach(subject, 'application/vnd.example', `${n}`.padEnd(1_000_000, 'x')));
      }
      const seen: string[] = [];
      let query = '';
      let pages = 0;
      for (;;) {
        const [index, headers] = await referrers(subject, query);
        expect(JSON.stringify(index).length).toBeLessThan(4 * 1024 * 1024);
        seen.push(...index.manifests.map(({ digest }) => digest));
        pages += 1;
        const next = /^<[^?]+(\?[^>]+)>; rel="next"$/.exec(
          (headers['link'] as string | undefined) ?? '',
        )?.[1];
        if (next === undefined) break;
        query = next;
      }
      expect(pages).toBe(2);
      expect(seen.toSorted()).toEqual(pushed.toSorted());
    });

    it('refuse a malformed digest', async () => {
      const answer = await client.send({ path: `/v2/${REPOSITORY}/referrers/sha256:zz` });
      expect([answer.status, errorCodes(answer)]).toEqual([400, ['DIGEST_INVALID']]);
    });
  });
});
