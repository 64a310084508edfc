import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ForgetSettledUploads } from '../../../src/application/use-cases/maintenance/forget-settled-uploads.js';
import { Digest } from '../../../src/domain/content/digest.js';
import { RepositoryName } from '../../../src/domain/repository/repository-name.js';
import { UploadUnknown } from '../../../src/domain/upload/upload-errors.js';
import type { UploadId } from '../../../src/domain/upload/upload-id.js';
import { ApplicationUnderTest, QUIET_CONTEXT } from '../../support/application-under-test.js';
import { bodyOf } from '../../support/fakes.js';

const HOUR = 3_600_000;
const repository = RepositoryName.parse('team/app');
const digestOf = (text: string): Digest => Digest.of('sha256', Buffer.from(text));

describe('the end of an upload', () => {
  let app: ApplicationUnderTest;
  let id: UploadId;

  beforeEach(async () => {
    app = await ApplicationUnderTest.open();
    id = await app.start.execute({ repository, algorithm: 'sha256' });
  });
  afterEach(() => app.close());

  async function stage(text: string): Promise<void> {
    await app.leases.hold(repository, id, async (held) => {
      await held.receive(bodyOf(text), undefined, 'sha256');
    });
  }

  async function finish(text: string, digest = digestOf(text)): Promise<void> {
    const claim = { range: undefined, length: 0, locationOffset: undefined };
    await app.complete.execute({ repository, id, digest, claim, body: bodyOf('') }, QUIET_CONTEXT);
  }

  async function read(text: string): Promise<string | undefined> {
    const reader = await app.blobs.open(digestOf(text));
    if (reader === undefined) return undefined;
    const bytes = Buffer.alloc(reader.size);
    await reader.read(bytes, 0);
    await reader.close();
    return bytes.toString();
  }

  it('goes on after a kill between placing the bytes and committing them', async () => {
    await stage('placed already');
    const { fence } = (await app.sessions.find(repository, id))!;
    await app.blobs.place({ repository, id, fence }, digestOf('placed already'));
    await finish('placed already');
    expect(await app.index.find(repository, digestOf('placed already'))).toMatchObject({ size: 14 });
  });

  it('is refused when the bytes are gone and nothing was placed', async () => {
    await stage('lost');
    await app.uploads.remove(repository, id);
    await expect(finish('lost')).rejects.toBeInstanceOf(UploadUnknown);
    expect(await app.index.find(repository, digestOf('lost'))).toBeUndefined();
  });

  it('puts a damaged blob right that the registry believes to have', async () => {
    await stage('healed');
    await finish('healed');
    await app.driver.putContent(
      `docker/registry/v2/blobs/sha256/${digestOf('healed').hex.slice(0, 2)}/${digestOf('healed').hex}/data`,
      Buffer.from('cut'),
    );
    id = await app.start.execute({ repository, algorithm: 'sha256' });
    await stage('healed');
    await finish('healed');
    expect(await read('healed')).toBe('healed');
  });

  it('is answered once for two closing requests at a time', async () => {
    await stage('twice');
    await Promise.all([finish('twice'), finish('twice')]);
    expect(await read('twice')).toBe('twice');
  });

  it('is remembered for an hour, and then forgotten with its folder', async () => {
    await stage('remembered');
    await finish('remembered');
    const forget = new ForgetSettledUploads(app.sessions, app.uploads, app.clock, QUIET_CONTEXT.logger);
    expect(await forget.execute()).toBe(0);
    await finish('remembered');
    app.clock.advance(HOUR + 1);
    expect(await forget.execute()).toBe(1);
    await expect(finish('remembered')).rejects.toBeInstanceOf(UploadUnknown);
    expect(await app.driver.list('docker/registry/v2/repositories/team/app/_uploads')).toEqual([]);
  });

  it('by a cancel has what a crash left of its files removed at the next look, and is forgotten in an hour', async () => {
    await stage('cancelled');
    await app.sessions.cancel(repository, id, app.clock.now());
    const forget = new ForgetSettledUploads(app.sessions, app.uploads, app.clock, QUIET_CONTEXT.logger);
    expect(await forget.execute()).toBe(0);
    expect(await app.driver.list('docker/registry/v2/repositories/team/app/_uploads')).toEqual([]);
    app.clock.advance(HOUR + 1);
    expect(await forget.execute()).toBe(1);
    await expect(finish('cancelled')).rejects.toBeInstanceOf(UploadUnknown);
  });

  it('leaves nothing staged', async () => {
    await stage('tidy');
    await finish('tidy');
    await nextTurn();
    expect(await app.driver.list('docker/registry/v2/repositories/team/app/_uploads')).toEqual([]);
  });
});
