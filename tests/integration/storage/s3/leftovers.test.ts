import { describe, expect, it } from 'vitest';
import { MemoryObjectStore } from '../../../support/memory-object-store.js';
import { freshDriver } from '../../../support/s3-model.js';

describe('the driver of S3', () => {
  it('ends uploads in parts that killed processes have left, old ones in its own trees alone', async () => {
    const store = new MemoryObjectStore();
    const others = ['blobs/a', 'other/blobs/a', 'root/blobs-of-others/a', 'root/else/a'];
    for (const key of [...others, 'root/blobs/a', 'root/uploads/1/data.1~a'])
      await store.createMultipart(key);
    store.advance(10_000);
    await store.createMultipart('root/blobs/young');
    await freshDriver(store).removeLeftovers(store.time - 5_000);
    const left: string[] = [];
    for await (const { key } of store.openMultiparts('')) left.push(key);
    expect(left).toEqual([...others, 'root/blobs/young']);
  });

  it('gives clients an address of the object itself', async () => {
    const address = await freshDriver(new MemoryObjectStore()).linkTo('a/b', 60);
    expect(address).toBe('https://store.example/bucket/root/a/b?X-Amz-Expires=60');
  });

  it.each([
    ['', 'a/b'],
    ['/', 'a/b'],
    ['//deep/er/', 'deep/er/a/b'],
  ])('keeps files below the root directory %j', async (rootDirectory, key) => {
    const store = new MemoryObjectStore();
    await freshDriver(store, { rootDirectory }).putContent('a/b', Buffer.from('x'));
    expect(store.keys()).toEqual([key]);
  });

  it('removes no neighbour whose name begins alike, nor what is no piece', async () => {
    const store = new MemoryObjectStore();
    const driver = freshDriver(store);
    for (const path of ['tags/v1/link', 'tags/v1.1/link', 'tags/v1-a/link', 'tags/v10/link', 'tags/v1']) {
      await driver.putContent(path, Buffer.from('x'));
    }
    await store.put('root/tags/v1~note', []);
    const writer = await driver.openWriter('tags/v1', 0);
    await writer?.close();
    await driver.remove('tags/v1');
    expect(store.keys()).toEqual([
      'root/tags/v1-a/link',
      'root/tags/v1.1/link',
      'root/tags/v10/link',
      'root/tags/v1~note',
    ]);
  });

  it('removes thousands below one path', async () => {
    const store = new MemoryObjectStore();
    for (let at = 0; at < 2500; at += 1) await store.put(`root/a/${at}`, []);
    await store.put('root/b', []);
    store.resetCounts();
    await freshDriver(store).remove('a');
    expect(store.keys()).toEqual(['root/b']);
    expect(store.requests.get('deleteAll')).toBe(3);
  });

  it('tells of a file and a folder of one name, and hides neither', async () => {
    const driver = freshDriver(new MemoryObjectStore());
    await driver.putContent('a/b', Buffer.from('x'));
    await driver.putContent('a/b/c', Buffer.from('y'));
    expect(await driver.list('a')).toEqual([
      { name: 'b', kind: 'file' },
      { name: 'b', kind: 'folder' },
    ]);
    expect((await driver.stat('a/b'))?.kind).toBe('file');
  });
});
