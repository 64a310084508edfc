import { afterEach, expect, it, vi } from 'vitest';
import { Digest } from '../../src/domain/content/digest.js';
import { LayoutStoredTree } from '../../src/infrastructure/storage/layout/layout-stored-tree.js';
import { filesystemUnderTest } from '../contract/storage-under-test.js';
import type { DriverUnderTest } from '../contract/storage-driver.contract.js';
import { collect } from '../support/collect.js';

const LAYERS = 'docker/registry/v2/repositories/team/app/_layers/sha256';
const REMOVED = 200;

let under: DriverUnderTest | undefined;
afterEach(async () => under?.dispose());

/** A collection leaves as many as it has unlinked blobs: listing them for each of them took minutes for 10,000. */
it('many folders whose links were removed are listed once, not once for each of them', async () => {
  under = await filesystemUnderTest();
  const { driver } = under;
  for (let at = 0; at <= REMOVED; at += 1) {
    const { hex, ...digest } = Digest.of('sha256', Buffer.from(`blob ${at}`));
    await driver.putContent(`${LAYERS}/${hex}/link`, Buffer.from(`${digest.algorithm}:${hex}`));
    if (at > 0) await driver.remove(`${LAYERS}/${hex}/link`);
  }
  const list = vi.spyOn(driver, 'list');
  const found = await collect(
    new LayoutStoredTree(driver).repository('team/app').layers(new AbortController().signal),
  );
  expect(found.map(({ kind }) => kind)).toEqual(['found']);
  const listed = await Promise.all(
    list.mock.results.map(({ value }) => value as Promise<readonly unknown[]>),
  );
  const entries = listed.reduce((sum, each) => sum + each.length, 0);
  expect(entries).toBeLessThan(2 * REMOVED);
});
