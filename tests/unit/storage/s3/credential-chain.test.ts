import { describe, expect, it } from 'vitest';
import { CredentialChain } from '../../../../src/infrastructure/storage/drivers/s3/client/credential-chain.js';
import type { Credentials } from '../../../../src/infrastructure/storage/drivers/s3/client/credentials.js';

const MINUTE = 60_000;

/** A chain whose credentials are numbered and good for an hour from when they were found. */
function chain() {
  const state = { now: 0, found: 0, made: 0, fails: false };
  const credentials = new CredentialChain(
    async () => {
      state.made += 1;
      return Promise.resolve(async (): Promise<Credentials> => {
        if (state.fails) throw new Error('no instance answers');
        state.found += 1;
        const expiration = new Date(state.now + 60 * MINUTE);
        return Promise.resolve({ accessKeyId: String(state.found), secretAccessKey: 's', expiration });
      });
    },
    () => state.now,
  );
  const get = async () => (await credentials.get()).accessKeyId;
  return { state, credentials, get };
}

describe('CredentialChain', () => {
  it('is loaded when it is first asked, once, by however many', async () => {
    const { state, get } = chain();
    expect(state.made).toBe(0);
    expect(await Promise.all([get(), get(), get()])).toEqual(['1', '1', '1']);
    expect([state.made, state.found]).toEqual([1, 1]);
  });

  it('looks for new ones before the old ones expire, and keeps nobody waiting for them', async () => {
    const { state, get } = chain();
    await get();
    state.now = 56 * MINUTE;
    expect(await get()).toBe('1');
    await new Promise(setImmediate);
    expect(await get()).toBe('2');
  });

  it('gives none that will expire on their way', async () => {
    const { state, get } = chain();
    await get();
    state.now = 60 * MINUTE - 1;
    expect(await get()).toBe('2');
  });

  it('looks again when the store says that they have expired', async () => {
    const { credentials, get } = chain();
    await get();
    expect(credentials.forget()).toBe(true);
    expect(await get()).toBe('2');
  });

  it('goes on with the old ones while new ones cannot be found, and finds them later', async () => {
    const { state, get } = chain();
    await get();
    state.now = 56 * MINUTE;
    state.fails = true;
    expect([await get(), await get()]).toEqual(['1', '1']);
    state.fails = false;
    await get();
    await new Promise(setImmediate);
    expect(await get()).toBe('2');
  });

  it('says in a sentence which keys to set when there are none', async () => {
    const { state, get } = chain();
    state.fails = true;
    await expect(get()).rejects.toMatchObject({
      name: 'StorageFault',
      kind: 'unavailable',
      message: expect.stringMatching(
        /^There are no credentials for S3: set storage\.s3\.accesskey and .*\(no instance answers\)\.$/,
      ),
    });
    state.fails = false;
    expect(await get()).toBe('1');
  });
});
