import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FileThread } from '../../../src/infrastructure/storage/drivers/filesystem/file-thread.js';

const turn = () => new Promise(setImmediate);

describe('the thread that works on files', () => {
  let folder: string;
  let thread: FileThread;
  const trips = vi.spyOn(Worker.prototype, 'postMessage');
  const sizeOf = async (bytes: number) => {
    const { size } = await thread.run({ kind: 'stat', path: join(folder, String(bytes)) });
    return size;
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'stowage-file-thread-'));
    for (let bytes = 0; bytes < 50; bytes += 1) writeFileSync(join(folder, String(bytes)), 'x'.repeat(bytes));
    thread = new FileThread();
    trips.mockClear();
  });
  const untilOnline = async () => {
    while (trips.mock.calls.length === 0) await sizeOf(0);
    trips.mockClear();
  };
  afterEach(async () => {
    await thread.close();
    rmSync(folder, { recursive: true });
  });

  it('is not waited for until it has begun', async () => {
    const sizes = [sizeOf(3), sizeOf(1)];
    const missing = thread.run({ kind: 'stat', path: join(folder, 'missing') });
    await expect(missing).rejects.toMatchObject({ code: 'ENOENT', path: join(folder, 'missing') });
    expect(await Promise.all(sizes)).toEqual([3, 1]);
    expect(trips).not.toHaveBeenCalled();
    await untilOnline();
    expect(await sizeOf(4)).toBe(4);
    expect(trips).toHaveBeenCalledTimes(1);
  });

  it('takes what comes up in one turn in one trip', async () => {
    await untilOnline();
    expect(await Promise.all([sizeOf(3), sizeOf(1), sizeOf(2)])).toEqual([3, 1, 2]);
    expect(trips).toHaveBeenCalledTimes(1);
  });

  it('is given what comes up while it is at work when it has answered', async () => {
    await untilOnline();
    const sizes = [sizeOf(0)];
    await turn();
    // It is at work until it has answered, and its answer is not looked at within this turn.
    expect(trips).toHaveBeenCalledTimes(1);
    for (let bytes = 1; bytes < 50; bytes += 1) sizes.push(sizeOf(bytes));
    expect(trips).toHaveBeenCalledTimes(1);
    expect(await Promise.all(sizes)).toEqual(Array.from({ length: 50 }, (_, bytes) => bytes));
    expect(trips).toHaveBeenCalledTimes(2);
  });

  it('fails what it was given when it ends, and does the rest in a new one', async () => {
    await untilOnline();
    trips.mockImplementationOnce(function (this: Worker) {
      void this.terminate();
    });
    const given = sizeOf(2).catch((error: unknown) => error);
    await turn();
    const waiting = sizeOf(3);
    expect(await Promise.all([given, waiting])).toEqual([
      expect.objectContaining({ message: 'the thread that works on files has ended' }),
      3,
    ]);
  });
});
