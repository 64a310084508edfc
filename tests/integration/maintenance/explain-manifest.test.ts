import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ON_REQUEST } from '../../../src/domain/lifecycle/grace.js';
import {
  DAY,
  image,
  index,
  NOW,
  pushBlob,
  pushImage,
  put,
  repository,
  tag,
} from '../../contract/metadata/metadata-actions.js';
import { REFERRERS_AT_ONCE } from '../../contract/metadata/metadata-under-test.js';
import { all, ExplainedDatabase, fatesIn, REMOVES_UNTAGGED, steps } from './explained-database.js';

describe('why a manifest is kept', () => {
  let database: ExplainedDatabase;
  const team = repository('team/app');
  beforeEach(async () => {
    database = await ExplainedDatabase.open();
  });
  afterEach(() => database.dispose());

  it('names the tags that hold it', async () => {
    const manifest = await pushImage(database.ports, 'team/app', 'config', { tags: ['v1', 'latest'] });
    const explanation = await database.explain(manifest.digest, { in: team });
    expect(explanation).toMatchObject({ verdict: 'kept', goesFrom: undefined, bytes: { kind: 'held' } });
    expect(fatesIn(team, explanation)).toMatchObject({
      link: undefined,
      manifest: { kind: 'tagged', chain: [{ digest: manifest.digest, tags: all('latest', 'v1') }] },
    });
  });

  it('is asked by its tag as well', async () => {
    const manifest = await pushImage(database.ports, 'team/app', 'config', { tags: ['v1'] });
    const use = database.useCaseAt(0);
    expect(await use.execute({ repository: team, reference: tag('v1') })).toMatchObject({
      digest: manifest.digest,
      verdict: 'kept',
    });
    expect(await use.execute({ repository: team, reference: tag('v2') })).toBeUndefined();
    expect(await use.execute({ repository: repository('b'), reference: tag('v1') })).toBeUndefined();
  });

  it('leads from the tag down, through nested indexes', async () => {
    const child = await pushImage(database.ports, 'team/app', 'config');
    const inner = index([child.digest]);
    const outer = index([inner.digest], 'outer');
    await put(database.ports, 'team/app', inner);
    await put(database.ports, 'team/app', outer, { tags: ['v1'] });
    for (const after of [0, 10 * DAY]) {
      const { manifest } = fatesIn(team, await database.explain(child.digest, { after }));
      if (manifest?.kind !== 'tagged') throw new Error(manifest?.kind);
      expect(steps(manifest.chain)).toEqual([
        [undefined, outer.digest.toString()],
        ['index', inner.digest.toString()],
        ['index', child.digest.toString()],
      ]);
      expect(manifest.chain[0]?.tags).toEqual(all('v1'));
    }
  });

  it('leads through the subject of a referrer, and its referrer', async () => {
    const subject = await pushImage(database.ports, 'team/app', 'config', { tags: ['v1'] });
    const sbom = await pushImage(database.ports, 'team/app', 'sbom', { subject: subject.digest });
    const signature = await pushImage(database.ports, 'team/app', 'signature', { subject: sbom.digest });
    const { manifest } = fatesIn(team, await database.explain(signature.digest, { after: 10 * DAY }));
    if (manifest?.kind !== 'tagged') throw new Error(manifest?.kind);
    expect(steps(manifest.chain)).toEqual([
      [undefined, subject.digest.toString()],
      ['subject', sbom.digest.toString()],
      ['subject', signature.digest.toString()],
    ]);
  });

  it('keeps a referrer whose subject is not there, but not for its subject', async () => {
    const missing = image('elsewhere').digest;
    const referrer = await pushImage(database.ports, 'team/app', 'sbom', { subject: missing });
    const explanation = await database.explain(referrer.digest, { after: 10 * DAY });
    expect(explanation).toMatchObject({ verdict: 'kept' });
    expect(explanation.holders.items[0]?.manifest).toMatchObject({ subject: missing, hasSubject: false });
    expect(fatesIn(team, explanation).manifest).toMatchObject({ kind: 'untagged', review: undefined });
  });

  it('says of an untagged one that it stays, and from when a gc that is asked to would remove it', async () => {
    const manifest = await pushImage(database.ports, 'team/app', 'config');
    const young = { kind: 'untagged', review: undefined, removableFrom: NOW + DAY };
    for (const after of [0, 3 * DAY]) {
      const explanation = await database.explain(manifest.digest, { after });
      expect(explanation).toMatchObject({ verdict: 'kept', goesFrom: undefined });
      expect(fatesIn(team, explanation).manifest).toMatchObject(young);
    }
  });

  it('says when it goes where the registry removes untagged manifests by itself', async () => {
    const manifest = await pushImage(database.ports, 'team/app', 'config');
    const explanation = await database.explain(manifest.digest, { policy: REMOVES_UNTAGGED });
    expect(explanation).toMatchObject({
      verdict: 'goes',
      goesFrom: NOW + DAY,
      bytes: { kind: 'goes', from: NOW + DAY },
    });
    database.setReview('manifest', manifest.digest, null);
    const cleared = await database.explain(manifest.digest, { policy: REMOVES_UNTAGGED });
    expect(cleared.verdict).toBe('kept');
    expect(fatesIn(team, cleared).manifest).toMatchObject({ review: { kind: 'unscheduled' } });
  });

  it.each([null, ON_REQUEST])(
    'goes since its subject went, though nobody came so far: %s',
    async (review) => {
      const subject = await pushImage(database.ports, 'team/app', 'config', { tags: ['v1'] });
      const referrers = Array.from({ length: REFERRERS_AT_ONCE + 1 }, (_, at) =>
        image('config', { subject: subject.digest, note: `${at}` }),
      );
      for (const referrer of referrers) {
        await put(database.ports, 'team/app', referrer);
        database.setReview('manifest', referrer.digest, review);
      }
      await database.ports.manifests.delete(team, subject.digest, NOW + DAY);
      for (const { digest } of referrers) {
        const { manifest } = fatesIn(team, await database.explain(digest, { policy: REMOVES_UNTAGGED }));
        expect(manifest).toMatchObject({ review: { kind: 'goes', from: NOW + DAY }, onRequest: false });
      }
    },
  );

  it('stays as long as something young stands above it', async () => {
    const child = await pushImage(database.ports, 'team/app', 'config');
    const parent = index([child.digest]);
    await put(database.ports, 'team/app', parent, { now: NOW + 5 * DAY });
    const { manifest } = fatesIn(team, await database.explain(child.digest, { policy: REMOVES_UNTAGGED }));
    expect(manifest).toMatchObject({
      review: { kind: 'goes', from: NOW + 6 * DAY },
      removableFrom: NOW + 6 * DAY,
      latest: [{ digest: parent.digest }, { digest: child.digest, heldBy: 'index' }],
    });
  });

  it('ends for an index that lists its own subject', async () => {
    const subject = await pushImage(database.ports, 'team/app', 'config');
    const listing = index([subject.digest]);
    await put(database.ports, 'team/app', listing);
    database.setSubject(listing.digest, subject.digest);
    for (const { digest } of [subject, listing]) {
      expect(fatesIn(team, await database.explain(digest)).manifest?.kind).toBe('untagged');
    }
  });

  it('keeps adopted ones until somebody asks', async () => {
    const manifest = await pushImage(database.ports, 'team/app', 'config');
    database.setReview('manifest', manifest.digest, ON_REQUEST);
    const explanation = await database.explain(manifest.digest, { policy: REMOVES_UNTAGGED });
    expect(explanation.verdict).toBe('kept');
    expect(fatesIn(team, explanation).manifest).toMatchObject({
      kind: 'untagged',
      review: { kind: 'on-request' },
      removableFrom: undefined,
      onRequest: true,
    });
  });

  it('is held by an adopted index until somebody asks, if nothing goes above that', async () => {
    const child = await pushImage(database.ports, 'team/app', 'config');
    const [inner, outer] = [index([child.digest]), index([index([child.digest]).digest], 'outer')];
    await put(database.ports, 'team/app', inner);
    database.setReview('manifest', inner.digest, ON_REQUEST);
    const asked = { policy: REMOVES_UNTAGGED, after: 9 * DAY };
    expect(fatesIn(team, await database.explain(child.digest, asked)).manifest).toMatchObject({
      review: { kind: 'on-request' },
      removableFrom: NOW + DAY,
      onRequest: true,
    });
    await put(database.ports, 'team/app', outer);
    expect(fatesIn(team, await database.explain(child.digest, asked)).manifest).toMatchObject({
      review: { kind: 'goes', from: NOW + 10 * DAY },
      onRequest: true,
    });
  });

  it('is listed by an index that came before it, and lacks something else', async () => {
    const later = image('config');
    const sparse = index([later.digest, image('never').digest]);
    await put(database.ports, 'team/app', sparse, { sparse: true, tags: ['v1'] });
    await pushImage(database.ports, 'team/app', 'config');
    const { manifest } = fatesIn(team, await database.explain(later.digest, { after: 9 * DAY }));
    if (manifest?.kind !== 'tagged') throw new Error(manifest?.kind);
    expect(steps(manifest.chain)).toEqual([
      [undefined, sparse.digest.toString()],
      ['index', later.digest.toString()],
    ]);
  });

  it('is kept where too many manifests lack something to look at each', async () => {
    const manifest = await pushImage(database.ports, 'team/app', 'config');
    for (let at = 0; at <= 200; at += 1) {
      await put(database.ports, 'team/app', image('never', { note: `${at}` }), { sparse: true });
    }
    const blob = await pushBlob(database.ports, 'team/app', 'x');
    const asked = { policy: REMOVES_UNTAGGED, after: 9 * DAY };
    expect(fatesIn(team, await database.explain(manifest.digest, asked)).manifest).toEqual({
      kind: 'too-many',
    });
    expect(fatesIn(team, await database.explain(blob, asked)).link).toEqual({ kind: 'too-many' });
  });

  it('counts no further than 1,000 manifests above it', async () => {
    const child = await pushImage(database.ports, 'team/app', 'config');
    for (let at = 0; at <= 1_000; at += 1)
      await put(database.ports, 'team/app', index([child.digest], `${at}`));
    const explanation = await database.explain(child.digest, { policy: REMOVES_UNTAGGED, after: 9 * DAY });
    expect([explanation.verdict, fatesIn(team, explanation).manifest]).toEqual([
      'kept',
      { kind: 'too-many' },
    ]);
  });
});
