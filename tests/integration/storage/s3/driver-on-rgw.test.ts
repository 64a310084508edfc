import { randomBytes, randomUUID } from 'node:crypto';
import { GetObjectCommand, ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import type { StorageDriver } from '../../../../src/application/ports/storage/storage-driver.js';
import { Digest } from '../../../../src/domain/content/digest.js';
import { S3Client } from '../../../../src/infrastructure/storage/drivers/s3/client/s3-client.js';
import type { ExpiringOutcome } from '../../../../src/infrastructure/storage/drivers/s3/object-store.js';
import type { S3Driver } from '../../../../src/infrastructure/storage/drivers/s3/s3-driver.js';
import { NEEDS_RGW, useRgwBucket } from '../../../support/rgw.js';
import { freshDriver } from '../../../support/s3-model.js';
import { describeWith } from '../../../support/tools.js';

const MIB = 1024 ** 2;
const STAGED = 'uploads/one/data.1';
const never = new AbortController().signal;

describeWith(NEEDS_RGW, 'the driver of S3 on RGW', () => {
  const use = useRgwBucket();
  const client = () => new S3Client(use().options);
  const theirs = async (key: string) => {
    const answer = await use().aws.send(new GetObjectCommand({ Bucket: use().bucket, Key: key }));
    return Buffer.from((await answer.Body?.transformToByteArray()) ?? []);
  };
  const fresh = (root: string): S3Driver => freshDriver(client(), { rootDirectory: root });

  async function append(driver: StorageDriver, offset: number, content: Buffer): Promise<void> {
    const writer = await driver.openWriter(STAGED, offset);
    for (let at = 0; at < content.length; at += MIB) {
      await writer?.write([content.subarray(at, at + MIB)]);
      if (at % (7 * MIB) === 0) await writer?.flush();
    }
    await writer?.flush();
    await writer?.close();
  }

  it.each([
    ['small ones only', [300_000, 200_000, 70_000]],
    ['one that is large', [12 * MIB + 17]],
    ['a stream', [33 * MIB + 5, 1000]],
    ['many small ones, which are joined', Array.from({ length: 60 }, () => 200_000)],
    ['small ones between large ones', [6 * MIB, 1000, 11 * MIB, 2000, 5 * MIB]],
  ])('puts together an object of pieces: %s', async (_what, lengths) => {
    const root = randomUUID();
    const driver = fresh(root);
    const whole = randomBytes(lengths.reduce((sum, length) => sum + length, 0));
    let offset = 0;
    for (const length of lengths) {
      await append(driver, offset, whole.subarray(offset, offset + length));
      offset += length;
    }
    const other = fresh(root);
    const digest = await other.hash(STAGED, 'sha256', whole.length, never);
    expect(String(digest)).toBe(String(Digest.of('sha256', whole)));
    for (const [at, each] of [driver, other].entries()) {
      expect(await each.move(STAGED, `blobs/${at}`)).toBe(true);
      expect((await theirs(`${root}/blobs/${at}`)).equals(whole)).toBe(true);
    }
    await other.remove('uploads/one');
    expect(await other.list('uploads')).toEqual([]);
    expect(await driver.move(STAGED, 'blobs/gone').catch(() => false)).toBe(false);
  });

  it('continues what another process has begun, and cuts it inside a piece', async () => {
    const root = randomUUID();
    const whole = randomBytes(8 * MIB);
    await append(fresh(root), 0, whole);
    await append(fresh(root), 6 * MIB + 1, Buffer.from('another end'));
    const driver = fresh(root);
    expect((await driver.stat(STAGED))?.size).toBe(6 * MIB + 12);
    expect(await driver.move(STAGED, 'blob')).toBe(true);
    const expected = Buffer.concat([whole.subarray(0, 6 * MIB + 1), Buffer.from('another end')]);
    expect((await theirs(`${root}/blob`)).equals(expected)).toBe(true);
  });

  it('moves no bytes that came in place of those it has written', async () => {
    const root = randomUUID();
    const driver = fresh(root);
    await append(driver, 0, Buffer.from('verified'));
    await append(fresh(root), 0, Buffer.from('others'));
    expect(await driver.move(STAGED, 'blob')).toBe(false);
    expect(await driver.stat('blob')).toBeUndefined();
  });

  it('ends uploads in parts that were left behind', async () => {
    const root = randomUUID();
    await client().createMultipart(`${root}/blobs/left`);
    const driver = fresh(root);
    const left = async () =>
      (await use().aws.send(new ListMultipartUploadsCommand({ Bucket: use().bucket, Prefix: root }))).Uploads;
    await driver.removeLeftovers(Date.now() - 60_000);
    expect(await left()).toHaveLength(1);
    await driver.removeLeftovers(Date.now() + 60_000);
    expect(await left()).toBeUndefined();
  });

  it('breaks a fence only when a removal that is late is refused, and nothing is destroyed by it', async () => {
    const options = { rootDirectory: randomUUID(), fenceTimes: { life: 3_000, margin: 1_000 } };
    const late: (() => Promise<ExpiringOutcome>)[] = [];
    const slow = client();
    const asleep: { is: boolean } = { is: false };
    const removal = slow.deleteUntil.bind(slow);
    slow.deleteUntil = async (key, until) => {
      if (!asleep.is) return removal(key, until);
      late.push(() => removal(key, until));
      return 'unsure';
    };
    const sleeper = freshDriver(slow, options);
    const breaker = freshDriver(client(), options);
    await sleeper.putContent('blobs/data', Buffer.from('old'));
    await sleeper.openFence('gc/one', 'blobs');
    asleep.is = true;
    expect(await sleeper.removeThroughFence('blobs/data', 'gc/one/x')).toBe('unsure');
    await breaker.breakFence('gc/one');
    await breaker.putContent('blobs/data', Buffer.from('next life'));
    expect(await Promise.all(late.map((remove) => remove()))).toEqual(['expired']);
    expect(await sleeper.removeThroughFence('blobs/data', 'gc/one/x')).toBe('fenced');
    expect(String(await theirs(`${options.rootDirectory}/blobs/data`))).toBe('next life');
    await breaker.openFence('gc/two', 'blobs');
    expect(await breaker.removeThroughFence('blobs/data', 'gc/two/x')).toBe('gone');
    await breaker.breakFence('gc/two');
    expect(await breaker.stat('blobs/data')).toBeUndefined();
  });
});
