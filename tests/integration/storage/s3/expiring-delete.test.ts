import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ClientTuning } from '../../../../src/infrastructure/storage/drivers/s3/client/client-options.js';
import { S3Client } from '../../../../src/infrastructure/storage/drivers/s3/client/s3-client.js';
import { FaultyS3, type S3Fault, type SeenRequest } from '../../../support/faulty-s3.js';
import { NEEDS_RGW, useRgwBucket } from '../../../support/rgw.js';
import { describeWith } from '../../../support/tools.js';

const isDelete = ({ method }: SeenRequest) => method === 'DELETE';

describeWith(NEEDS_RGW, 'a removal that the store refuses from a moment on', () => {
  const use = useRgwBucket();
  let faulty: FaultyS3;
  beforeEach(async () => {
    faulty = await FaultyS3.before(use().port);
  });
  afterEach(async () => {
    await faulty.close();
  });
  const client = (tuning: Partial<ClientTuning> = {}) =>
    new S3Client({ ...use().options, regionendpoint: faulty.endpoint }, { firstPause: 1, ...tuning });
  const put = async (key: string) => (await client().put(key, [Buffer.from(key)])).now;
  const isThere = async (key: string) => (await new S3Client(use().options).head(key)) !== undefined;
  const deletes = () => faulty.requests.filter(isDelete);

  it('removes an object before, and nothing where nothing is', async () => {
    const now = await put('in time');
    expect(await client().deleteUntil('in time', now + 30_000)).toBe('gone');
    expect(await isThere('in time')).toBe(false);
    expect(await client().deleteUntil('in time', now + 30_000)).toBe('gone');
  });

  it('removes it also when the moment is far away', async () => {
    const now = await put('far');
    expect(await client().deleteUntil('far', now + 3_600_000)).toBe('gone');
  });

  it('is refused when it has expired, and the object stays', async () => {
    const now = await put('late');
    expect(await client().deleteUntil('late', now - 1_000)).toBe('expired');
    expect(await client().deleteUntil('late', now - 3_600_000)).toBe('expired');
    expect(await isThere('late')).toBe(true);
    expect(deletes().length).toBe(2);
  });

  it('destroys nothing when it arrives after its moment, however late', async () => {
    const now = await put('delayed');
    faulty.inject({ kind: 'late' }, isDelete);
    expect(await client().deleteUntil('delayed', now + 2_000)).toBe('unsure');
    while ((await client().now()) < now + 3_000) await sleep(100);
    expect((await faulty.release()).map(({ status }) => status)).toEqual([403]);
    expect(await isThere('delayed')).toBe(true);
  });

  it.each<readonly [string, S3Fault, boolean]>([
    ['the connection is cut before the store has it', { kind: 'cut', forward: false }, true],
    ['the connection is cut when the store has done it', { kind: 'cut', forward: true }, false],
    ['no answer comes', { kind: 'silent', forward: false }, true],
    ['the store answers 500', { kind: 'answer', status: 500, code: 'InternalError' }, true],
    ['the store answers 503', { kind: 'answer', status: 503, code: 'SlowDown' }, true],
    ['the store answers 429', { kind: 'answer', status: 429 }, true],
    ['the store answers 307', { kind: 'answer', status: 307, headers: { location: '/elsewhere' } }, true],
  ])('is sent once, and unsure, when %s', async (_what, fault, stays) => {
    const now = await put('once');
    faulty.inject(fault, isDelete);
    const patience = fault.kind === 'silent' ? { idleTimeout: 700 } : {};
    expect(await client(patience).deleteUntil('once', now + 60_000)).toBe('unsure');
    expect(deletes().length).toBe(1);
    expect(await isThere('once')).toBe(stays);
  });

  it('uses a connection of its own, which nobody repeats anything on', async () => {
    const now = await put('own');
    expect(await client().deleteUntil('own', now + 30_000)).toBe('gone');
    expect(deletes()[0]?.headers.connection).toBe('close');
    expect(deletes()[0]?.headers.authorization).toBeUndefined();
  });

  it.each([
    ['the policy does not allow it', { kind: 'answer', status: 403, code: 'AccessDenied' } as const],
    ['the store does not know it', { kind: 'answer', status: 400, code: 'InvalidRequest' } as const],
    ['it may not be', { kind: 'answer', status: 405, code: 'MethodNotAllowed' } as const],
  ])('is a refusal before its moment, when %s', async (_what, fault) => {
    const now = await put('refused');
    faulty.inject(fault, isDelete);
    await expect(client().deleteUntil('refused', now + 30_000)).rejects.toMatchObject({
      name: 'StorageFault',
      kind: 'denied',
    });
    expect(deletes().length).toBe(1);
  });

  it('is expired when the store says so by its clock alone', async () => {
    const now = await put('clock');
    const date = new Date(now + 60_000).toUTCString();
    faulty.inject({ kind: 'answer', status: 403, code: 'AccessDenied', headers: { date } }, isDelete);
    expect(await client().deleteUntil('clock', now + 30_000)).toBe('expired');
  });
});
