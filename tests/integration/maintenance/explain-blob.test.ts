import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ON_REQUEST } from '../../../src/domain/lifecycle/grace.js';
import {
  blobOf,
  DAY,
  image,
  index,
  pushBlob,
  pushImage,
  put,
  repository,
} from '../../contract/metadata/metadata-actions.js';
import { all, ExplainedDatabase, fatesIn, LINK_REVIEW, steps } from './explained-database.js';

describe('why a blob is kept', () => {
  let database: ExplainedDatabase;
  const team = repository('team/app');
  beforeEach(async () => {
    database = await ExplainedDatabase.open();
  });
  afterEach(() => database.dispose());

  it('names the manifests that reference it, in which role, and what holds those', async () => {
    const child = await pushImage(database.ports, 'team/app', 'config', { layers: ['layer'] });
    const parent = index([child.digest]);
    await put(database.ports, 'team/app', parent, { tags: ['v1'] });
    for (const [content, role] of [
      ['config', 'config'],
      ['layer', 'layer'],
    ] as const) {
      const explanation = await database.explain(blobOf(content).digest, { in: team, after: 10 * DAY });
      expect(explanation.verdict).toBe('kept');
      const { link } = fatesIn(team, explanation);
      if (link?.kind !== 'referenced') throw new Error(link?.kind);
      expect(link.by).toMatchObject(all({ manifest: child.digest, role }));
      const standing = link.by.items[0]?.standing;
      if (standing?.kind !== 'tagged') throw new Error(standing?.kind);
      expect(steps(standing.chain)).toEqual([
        [undefined, parent.digest.toString()],
        ['index', child.digest.toString()],
      ]);
    }
  });

  it('knows a blob that an index lists, as build caches have them', async () => {
    const blob = await pushBlob(database.ports, 'team/app', 'cache');
    await put(database.ports, 'team/app', index([blob]), { tags: ['cache'] });
    const { link } = fatesIn(team, await database.explain(blob));
    expect(link).toMatchObject({ by: all({ role: 'child', standing: { kind: 'tagged' } }) });
  });

  it('names some manifests of many', async () => {
    await pushBlob(database.ports, 'team/app', 'base');
    for (let at = 0; at < 7; at += 1) {
      await put(database.ports, 'team/app', image('base', { note: `${at}` }));
    }
    const { link } = fatesIn(team, await database.explain(blobOf('base').digest));
    if (link?.kind !== 'referenced') throw new Error(link?.kind);
    expect([link.by.items.length, link.by.more]).toEqual([5, true]);
  });

  it('says when it goes that nothing references, whether that is to come or due', async () => {
    const blob = await pushBlob(database.ports, 'team/app', 'x');
    for (const after of [0, 5 * DAY]) {
      const explanation = await database.explain(blob, { in: team, after });
      expect(explanation).toMatchObject({
        verdict: 'goes',
        goesFrom: LINK_REVIEW,
        bytes: { kind: 'goes', from: LINK_REVIEW },
      });
      expect(fatesIn(team, explanation).link).toEqual({ kind: 'goes', from: LINK_REVIEW });
    }
  });

  it('is kept in one repository and goes in the other', async () => {
    await pushImage(database.ports, 'team/app', 'config', { tags: ['v1'] });
    const { digest } = blobOf('config');
    await pushBlob(database.ports, 'other', 'config');
    const whole = await database.explain(digest);
    expect(whole).toMatchObject({ verdict: 'kept', bytes: { kind: 'held' } });
    expect(
      whole.holders.items.map(({ repository: where, link }) => [where.toString(), link?.fate.kind]),
    ).toEqual([
      ['team/app', 'referenced'],
      ['other', 'goes'],
    ]);
    const there = await database.explain(digest, { in: repository('other') });
    expect(there).toMatchObject({ verdict: 'goes', goesFrom: LINK_REVIEW, bytes: { kind: 'held' } });
    expect(there.holders).toMatchObject({ items: [{ link: { fate: { kind: 'goes' } } }], more: true });
  });

  it('tells of other repositories when the one that was meant does not have it', async () => {
    const blob = await pushBlob(database.ports, 'other', 'x');
    const explanation = await database.explain(blob, { in: team });
    expect(explanation.verdict).toBe('goes');
    expect(explanation.holders.items.map(({ repository: where }) => where.toString())).toEqual(['other']);
  });

  it('finds the one repository that keeps it among many, and shows it', async () => {
    for (let at = 0; at < 130; at += 1) await pushBlob(database.ports, `r${at}`, 'base');
    expect(await database.explain(blobOf('base').digest)).toMatchObject({
      verdict: 'goes',
      holders: { more: true },
    });
    await put(database.ports, 'r120', image('base'), { tags: ['v1'] });
    const { verdict, holders } = await database.explain(blobOf('base').digest);
    expect([verdict, holders.items.length, holders.more]).toEqual(['kept', 21, true]);
    expect(holders.items.at(-1)?.repository.toString()).toBe('r120');
  });

  it('is kept in a repository of which something can not be read', async () => {
    const blob = await pushBlob(database.ports, 'team/app', 'x');
    database.makeUnreadable(team, 'docker/registry/v2/repositories/team/app/_manifests/x');
    const explanation = await database.explain(blob, { after: 10 * DAY });
    expect(explanation).toMatchObject({ verdict: 'kept', bytes: { kind: 'held' } });
    expect(fatesIn(team, explanation).link).toEqual({
      kind: 'unreadable',
      things: all({ path: 'docker/registry/v2/repositories/team/app/_manifests/x', reason: 'is cut off' }),
    });
  });

  it('is kept when a manifest that lacks something names it', async () => {
    const sparse = image('x', { layers: ['never'] });
    await put(database.ports, 'team/app', sparse, { sparse: true });
    const blob = await pushBlob(database.ports, 'team/app', 'x');
    const explanation = await database.explain(blob, { after: 10 * DAY });
    expect(explanation.verdict).toBe('kept');
    expect(fatesIn(team, explanation).link).toMatchObject({
      kind: 'referenced',
      by: all({ manifest: sparse.digest, role: 'config', standing: { kind: 'untagged' } }),
    });
  });

  it.each([
    [ON_REQUEST, 'on-request'],
    [null, 'unscheduled'],
  ])('is kept when its review is %s', async (review, kind) => {
    const blob = await pushBlob(database.ports, 'team/app', 'x');
    database.setReview('blob_link', blob, review);
    const explanation = await database.explain(blob, { after: 10 * DAY });
    expect(explanation.verdict).toBe('kept');
    expect(fatesIn(team, explanation).link).toEqual({ kind });
  });
});
