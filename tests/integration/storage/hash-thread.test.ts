import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Digest } from '../../../src/domain/content/digest.js';
import { HashThread } from '../../../src/infrastructure/storage/drivers/filesystem/hash-thread.js';

describe('the thread that hashes files', () => {
  const bytes = Buffer.alloc(24 * 1024 * 1024, 'stowage');
  let folder: string;
  let file: string;
  let thread: HashThread;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stowage-hash-'));
    file = join(folder, 'file');
    await writeFile(file, bytes);
  });
  afterAll(() => rm(folder, { recursive: true }));
  beforeEach(() => {
    thread = new HashThread();
  });
  afterEach(() => thread.close());

  const hash = (path: string, length: number) =>
    thread.hash(path, 'sha256', length, new AbortController().signal);

  it('leaves the event loop to others', async () => {
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 1);
    const digest = await hash(file, bytes.length);
    clearInterval(timer);
    expect(String(digest)).toBe(String(Digest.of('sha256', bytes)));
    expect(turns).toBeGreaterThan(1);
  });

  it('lets a small file overtake a large one', async () => {
    const small = join(folder, 'small');
    await writeFile(small, 'x');
    await hash(small, 1);
    const order: string[] = [];
    await Promise.all([
      hash(file, bytes.length).then(() => order.push('large')),
      hash(small, 1).then(() => order.push('small')),
    ]);
    expect(order).toEqual(['small', 'large']);
  });

  it('passes on the error of the system', async () => {
    await expect(hash(join(folder, 'none'), 1)).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(hash(folder, 1)).rejects.toMatchObject({ code: 'EISDIR' });
  });

  it('rejects what it was asked when it ends, and starts anew for the next', async () => {
    const hashing = hash(file, bytes.length);
    const ended = expect(hashing).rejects.toMatchObject({ name: 'StorageFault', kind: 'broken' });
    await thread.close();
    await ended;
    expect(String(await hash(file, 7))).toBe(String(Digest.of('sha256', Buffer.from('stowage'))));
  });
});
