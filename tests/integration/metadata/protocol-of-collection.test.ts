import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Digest } from '../../../src/domain/content/digest.js';
import { CONTENT_STATE } from '../../../src/infrastructure/metadata/sql/content-state.js';
import { encodeDigest } from '../../../src/infrastructure/metadata/sql/digest-codec.js';
import {
  beginPush,
  blobOf,
  DAY,
  HOUR,
  index,
  NOW,
  pushBlob,
  pushImage,
  put,
  repository,
  tag,
} from '../../contract/metadata/metadata-actions.js';
import { openDatabaseFile, scalar, type DatabaseFile } from './database-file.js';

describe('what collection finds in the database', () => {
  let file: DatabaseFile;
  const name = repository('a');
  beforeEach(async () => {
    file = await openDatabaseFile();
  });
  afterEach(() => file.dispose());

  const contentOf = (digest: Digest, column: string): unknown =>
    scalar(file.raw, `SELECT ${column} FROM content WHERE digest = ?`, encodeDigest(digest));
  const manifestReview = (digest: Digest): unknown =>
    scalar(
      file.raw,
      'SELECT m.review_after FROM manifest m JOIN content c ON c.id = m.content_id WHERE c.digest = ?',
      encodeDigest(digest),
    );
  const condemn = (digest: Digest): void => {
    file.raw
      .prepare(`UPDATE content SET state = ${CONTENT_STATE.condemned}, claim = x'01' WHERE digest = ?`)
      .run(encodeDigest(digest));
  };

  it('a reserved digest is reviewed a grace after the latest reservation', async () => {
    const { digest } = blobOf('x');
    await file.ports.blobs.reserve(await beginPush(file.ports, 'a', 'x', NOW + HOUR));
    expect(contentOf(digest, 'state')).toBe(CONTENT_STATE.reserved);
    expect(contentOf(digest, 'review_after')).toBe(NOW + HOUR + DAY);
    await file.ports.blobs.reserve(await beginPush(file.ports, 'b', 'x', NOW));
    expect(contentOf(digest, 'review_after')).toBe(NOW + HOUR + DAY);
    await file.ports.blobs.reserve(await beginPush(file.ports, 'b', 'x', NOW + 2 * HOUR));
    expect(contentOf(digest, 'review_after')).toBe(NOW + 2 * HOUR + DAY);
  });

  it('a condemned digest is waited for by pushes, not mounted, and never taken back', async () => {
    const digest = await pushBlob(file.ports, 'a', 'x');
    await file.ports.blobs.unlink(name, digest, NOW);
    condemn(digest);
    const push = await beginPush(file.ports, 'a', 'x');
    expect(await file.ports.blobs.reserve(push)).toEqual({ kind: 'condemned' });
    expect(await file.ports.blobs.commit(push, Number(contentOf(digest, 'id')))).toBeUndefined();
    const mount = {
      mayUse: () => true,
      digest,
      source: 'anywhere',
      target: repository('b'),
      now: NOW,
    } as const;
    expect(await file.ports.blobs.mount(mount)).toBeUndefined();
    expect(contentOf(digest, 'state')).toBe(CONTENT_STATE.condemned);
    expect(await file.ports.blobs.find(name, digest)).toBeUndefined();
  });

  it('a condemned digest of a manifest is waited for too, and nothing is written', async () => {
    const manifest = await pushImage(file.ports, 'a', 'config', { tags: ['v1'] });
    await file.ports.manifests.delete(name, manifest.digest, NOW);
    condemn(manifest.digest);
    expect(await put(file.ports, 'a', manifest, { tags: ['v1'] })).toEqual({ kind: 'condemned' });
    expect(await file.ports.manifests.find(name, tag('v1'))).toBeUndefined();
  });

  it('a reservation of a life that is over is refused, though the digest has a new one', async () => {
    const push = await beginPush(file.ports, 'a', 'x');
    const first = await file.ports.blobs.reserve(push);
    file.raw.exec('DELETE FROM content');
    const second = await file.ports.blobs.reserve(await beginPush(file.ports, 'a', 'x'));
    if (first.kind !== 'reserved' || second.kind !== 'reserved') throw new Error('not reserved');
    expect(second.contentId).toBeGreaterThan(first.contentId);
    expect(await file.ports.blobs.commit(push, first.contentId)).toBeUndefined();
    expect(await file.ports.blobs.commit(push, second.contentId)).toBeDefined();
  });

  it('content that loses a link is due at once, and never earlier than it was', async () => {
    const digest = await pushBlob(file.ports, 'a', 'x');
    await file.ports.blobs.unlink(name, digest, NOW + HOUR);
    expect(contentOf(digest, 'review_after')).toBe(NOW + DAY);
    await pushBlob(file.ports, 'a', 'x', NOW + 3 * DAY);
    await file.ports.blobs.unlink(name, digest, NOW + 3 * DAY);
    expect(contentOf(digest, 'review_after')).toBe(NOW + 3 * DAY);
  });

  it('an untagged manifest has a grace, a tagged one no review', async () => {
    const manifest = await pushImage(file.ports, 'a', 'config');
    expect(manifestReview(manifest.digest)).toBe(NOW + DAY);
    await put(file.ports, 'a', manifest, { tags: ['v1'], now: NOW + HOUR });
    expect(manifestReview(manifest.digest)).toBeNull();
    await put(file.ports, 'a', manifest, { now: NOW + HOUR });
    expect(manifestReview(manifest.digest)).toBeNull();
  });

  it('a manifest that loses its last tag gets a grace, by a moved tag and by a deleted one', async () => {
    const first = await pushImage(file.ports, 'a', 'one', { tags: ['v1', 'latest'] });
    await pushImage(file.ports, 'a', 'two', { tags: ['latest'] });
    expect(manifestReview(first.digest)).toBeNull();
    await file.ports.tags.delete(name, tag('v1'), NOW + HOUR);
    expect(manifestReview(first.digest)).toBe(NOW + HOUR + DAY);
    const third = await pushImage(file.ports, 'a', 'three', { tags: ['x'] });
    await put(file.ports, 'a', first, { tags: ['x'], now: NOW + 2 * HOUR });
    expect(manifestReview(third.digest)).toBe(NOW + 2 * HOUR + DAY);
  });

  it('a deleted index gives its children a grace, a deleted subject makes its referrers due', async () => {
    const child = await pushImage(file.ports, 'a', 'child', { tags: ['v1'] });
    const parent = index([child.digest]);
    await put(file.ports, 'a', parent);
    const referrer = await pushImage(file.ports, 'a', 'referrer', { subject: parent.digest, tags: ['sbom'] });
    const young = await pushImage(file.ports, 'a', 'young', { subject: parent.digest });
    await file.ports.manifests.delete(name, parent.digest, NOW + HOUR);
    expect(manifestReview(child.digest)).toBe(NOW + HOUR + DAY);
    expect(manifestReview(referrer.digest)).toBe(NOW + HOUR);
    expect(manifestReview(young.digest)).toBe(NOW + DAY);
  });

  it('the database itself refuses to lose what is still referenced', async () => {
    const child = await pushImage(file.ports, 'a', 'child', { tags: ['v1'] });
    await put(file.ports, 'a', index([child.digest]));
    const id = Number(contentOf(child.digest, 'id'));
    const blobId = Number(contentOf(blobOf('child').digest, 'id'));
    for (const sql of [
      `DELETE FROM blob_link WHERE content_id = ${blobId}`,
      `DELETE FROM content WHERE id = ${blobId}`,
      `DELETE FROM content WHERE id = ${id}`,
      `DELETE FROM manifest WHERE content_id = ${id}`,
      'DELETE FROM repository',
    ]) {
      expect(() => file.raw.exec(sql)).toThrow(/FOREIGN KEY constraint failed/);
    }
    file.raw.exec('DELETE FROM manifest_child');
    expect(() => file.raw.exec(`DELETE FROM manifest WHERE content_id = ${id}`)).toThrow(/FOREIGN KEY/);
    file.raw.exec('DELETE FROM tag');
    file.raw.exec(`DELETE FROM manifest WHERE content_id = ${id}`);
    expect(scalar(file.raw, 'SELECT count(*) FROM manifest_blob')).toBe(0);
  });

  it('ids of content and repositories are never given twice', async () => {
    await pushBlob(file.ports, 'a', 'x');
    const highest = (table: string): number => Number(scalar(file.raw, `SELECT max(id) FROM ${table}`));
    const [content, repositoryId] = [highest('content'), highest('repository')];
    file.raw.exec('DELETE FROM upload; DELETE FROM blob_link; DELETE FROM content; DELETE FROM repository');
    await pushBlob(file.ports, 'a', 'x');
    expect(highest('content')).toBeGreaterThan(content);
    expect(highest('repository')).toBeGreaterThan(repositoryId);
  });
});
