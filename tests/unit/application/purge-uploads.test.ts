import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StorageFault } from '../../../src/application/ports/storage/storage-fault.js';
import { AppendChunk } from '../../../src/application/use-cases/upload/append-chunk.js';
import { GetUploadStatus } from '../../../src/application/use-cases/upload/get-upload-status.js';
import { ForgetSettledUploads } from '../../../src/application/use-cases/maintenance/forget-settled-uploads.js';
import {
  PurgeUploads,
  type PurgePolicy,
} from '../../../src/application/use-cases/maintenance/purge-uploads.js';
import { RepositoryName } from '../../../src/domain/repository/repository-name.js';
import { UploadUnknown } from '../../../src/domain/upload/upload-errors.js';
import { REMEMBERED } from '../../../src/domain/upload/upload-session.js';
import type { UploadId } from '../../../src/domain/upload/upload-id.js';
import { LayoutUploadStore } from '../../../src/infrastructure/storage/layout/layout-upload-store.js';
import { ApplicationUnderTest } from '../../support/application-under-test.js';
import { bodyOf, ManualBody } from '../../support/fakes.js';
import { RecordingLogger } from '../observability/recording-logger.js';

const AGE = 60_000;
const UPLOADS = 'docker/registry/v2/repositories/team/app/_uploads';
const STREAM = { range: undefined, length: undefined, locationOffset: undefined };
const repository = RepositoryName.parse('team/app');

/** Does not let go of the folders of some sessions. */
class StubbornUploads extends LayoutUploadStore {
  readonly stuck = new Set<string>();

  override async remove(name: RepositoryName, id: UploadId): Promise<void> {
    if (this.stuck.has(id.toString())) throw new StorageFault('denied', `remove ${id.toString()}`);
    await super.remove(name, id);
  }
}

describe('the purge of uploads', () => {
  let app: ApplicationUnderTest;
  let uploads: StubbornUploads;
  let logger: RecordingLogger;
  let settled: ForgetSettledUploads;
  let append: AppendChunk;
  let status: GetUploadStatus;

  beforeEach(async () => {
    app = await ApplicationUnderTest.open();
    uploads = new StubbornUploads(app.driver);
    logger = new RecordingLogger();
    settled = new ForgetSettledUploads(app.sessions, uploads, app.clock, logger);
    append = new AppendChunk(app.leases, uploads, app.clock);
    status = new GetUploadStatus(app.sessions, uploads, app.leases);
  });
  afterEach(() => app.close());

  const purge = (policy: Partial<PurgePolicy> = {}): PurgeUploads =>
    new PurgeUploads(app.sessions, settled, app.clock, logger, { age: AGE, dryrun: false, ...policy });
  const start = () => app.start.execute({ repository, algorithm: 'sha256' });
  const write = (id: UploadId, body: ManualBody) => append.execute({ repository, id, claim: STREAM, body });
  const folders = async () => (await app.driver.list(UPLOADS)).map(({ name }) => name);
  const infos = () => logger.lines.filter(({ level }) => level === 'info');

  /** With a row, and without a byte. */
  const opened = () => staged('');

  async function staged(text: string): Promise<UploadId> {
    const id = await start();
    await write(id, bodyOf(text));
    return id;
  }

  async function turns(): Promise<void> {
    for (let n = 0; n < 20; n += 1) await nextTurn();
  }

  it('ends what nothing was written to for its age, with its files, and says how much that was', async () => {
    const ended = [await staged('12345'), await staged('123')];
    app.clock.advance(AGE);
    const kept = await staged('kept');
    app.clock.advance(1);
    expect(await purge().execute()).toEqual({ sessions: 2, bytes: 8 });
    for (const id of ended) {
      await expect(status.execute({ repository, id })).rejects.toBeInstanceOf(UploadUnknown);
      await expect(write(id, bodyOf('more'))).rejects.toBeInstanceOf(UploadUnknown);
    }
    expect(await status.execute({ repository, id: kept })).toBe(4);
    expect(await folders()).toEqual([kept.toString()]);
    expect(infos()).toEqual([
      { level: 'info', message: 'abandoned uploads were ended', fields: { sessions: 2, bytes: 8 } },
    ]);
    expect(await settled.execute()).toBe(0);
  });

  it('says nothing when there was nothing to end', async () => {
    await staged('young');
    app.clock.advance(AGE);
    expect(await purge().execute()).toEqual({ sessions: 0, bytes: 0 });
    expect(logger.lines).toEqual([]);
  });

  it('ends more sessions than it looks at at once, and those that never got a byte', async () => {
    for (let n = 0; n < 250; n += 1) await opened();
    const last = await staged('x');
    app.clock.advance(AGE + 1);
    expect(await purge().execute()).toEqual({ sessions: 251, bytes: 1 });
    expect(await folders()).toEqual([]);
    await expect(status.execute({ repository, id: last })).rejects.toBeInstanceOf(UploadUnknown);
    expect(infos()).toHaveLength(1);
  });

  it('never cuts a request that receives bytes for far longer than the age', async () => {
    const [id, other] = [await staged('begun,'), await staged('left')];
    const body = new ManualBody();
    const running = write(id, body);
    for (let elapsed = 0; elapsed <= 3 * AGE; elapsed += 4_000) {
      body.send('.');
      await turns();
      app.clock.advance(4_000);
      await turns();
    }
    expect(await purge().execute()).toEqual({ sessions: 1, bytes: 4 });
    await expect(status.execute({ repository, id: other })).rejects.toBeInstanceOf(UploadUnknown);
    body.end();
    expect(await running).toBe('begun,'.length + 46);
    expect(await purge().execute()).toMatchObject({ sessions: 0 });
  });

  it('leaves a long request that falls silent its session for a whole age', async () => {
    const id = await start();
    const body = new ManualBody();
    const running = write(id, body);
    for (let elapsed = 0; elapsed <= 2 * AGE; elapsed += 4_000) {
      body.send('.');
      await turns();
      app.clock.advance(4_000);
      await turns();
    }
    app.clock.advance(AGE - 5_000);
    expect(await purge().execute()).toMatchObject({ sessions: 0 });
    body.send('awake');
    body.end();
    expect(await running).toBe(31 + 'awake'.length);
  });

  it('leaves a session alone that a request goes on with between the look and the end', async () => {
    const [gone, taken] = [await staged('gone'), await staged('taken,')];
    app.clock.advance(AGE + 1);
    const look = app.sessions.abandoned.bind(app.sessions);
    app.sessions.abandoned = async (before, page) => {
      const found = await look(before, page);
      await write(taken, bodyOf('goes on'));
      return found;
    };
    expect(await purge().execute()).toEqual({ sessions: 1, bytes: 4 });
    expect(await status.execute({ repository, id: taken })).toBe('taken,goes on'.length);
    await expect(status.execute({ repository, id: gone })).rejects.toBeInstanceOf(UploadUnknown);
  });

  it('changes nothing in a dry run, and names what it would end', async () => {
    const ids = [await staged('12345'), await staged('123')];
    const touched = new Date(app.clock.now()).toISOString();
    app.clock.advance(AGE + 1);
    expect(await purge({ dryrun: true }).execute()).toEqual({ sessions: 2, bytes: 8 });
    expect(await status.execute({ repository, id: ids[0]! })).toBe(5);
    expect((await folders()).toSorted()).toEqual(ids.map(String).toSorted());
    const [total, ...named] = infos().toReversed();
    expect(total).toMatchObject({
      message: 'abandoned uploads would be ended',
      fields: { sessions: 2, bytes: 8 },
    });
    expect(named.map(({ fields }) => String(fields['upload'])).toSorted()).toEqual(
      ids.map(String).toSorted(),
    );
    expect(named[0]?.fields).toMatchObject({ repository: 'team/app', touched });
    expect(await purge().execute()).toMatchObject({ sessions: 2 });
  });

  it('names everything in a dry run of more sessions than it looks at at once', async () => {
    for (let n = 0; n < 230; n += 1) await opened();
    app.clock.advance(AGE + 1);
    expect(await purge({ dryrun: true }).execute()).toEqual({ sessions: 230, bytes: 0 });
    expect(new Set(infos().map(({ fields }) => fields['upload'])).size).toBe(231);
  });

  it('goes on past a session whose files cannot be removed, logs it, and tries it again later', async () => {
    const [stuck, other] = [await staged('stuck'), await staged('other')];
    uploads.stuck.add(stuck.toString());
    app.clock.advance(AGE + 1);
    expect(await purge().execute()).toMatchObject({ sessions: 2 });
    await expect(status.execute({ repository, id: stuck })).rejects.toBeInstanceOf(UploadUnknown);
    expect(await folders()).toEqual([stuck.toString()]);
    expect(logger.lines.filter(({ level }) => level === 'warn')).toMatchObject([
      { fields: { repository: 'team/app', upload: stuck.toString() } },
    ]);
    expect(await app.sessions.find(repository, other)).toBeUndefined();
    uploads.stuck.clear();
    expect(await settled.execute()).toBe(0);
    expect(await folders()).toEqual([]);
    app.clock.advance(REMEMBERED);
    expect(await settled.execute()).toBe(2);
  });

  it('reaches the last of many sessions whose files cannot be removed, and does not fill the log with them', async () => {
    for (let n = 0; n < 220; n += 1) uploads.stuck.add((await opened()).toString());
    app.clock.advance(1);
    const free = await staged('free');
    app.clock.advance(AGE + 1);
    expect(await purge().execute()).toMatchObject({ sessions: 221 });
    expect(await folders()).not.toContain(free.toString());
    const warnings = logger.lines.filter(({ level }) => level === 'warn');
    expect(warnings).toHaveLength(11);
    expect(warnings.at(-1)?.fields).toEqual({ sessions: 220 });
  });

  it('ends early when it is told to, and the next run goes on', async () => {
    const stop = new AbortController();
    for (let n = 0; n < 5; n += 1) await staged('x');
    app.clock.advance(AGE + 1);
    const end = app.sessions.purge.bind(app.sessions);
    let ended = 0;
    app.sessions.purge = async (...parameters) => {
      ended += 1;
      if (ended === 2) stop.abort();
      return end(...parameters);
    };
    expect(await purge().execute(stop.signal)).toMatchObject({ sessions: 2 });
    expect(await folders()).toHaveLength(5);
    expect(await purge().execute()).toMatchObject({ sessions: 3 });
    expect(await folders()).toEqual([]);
  });

  it('tells what it has ended when the database fails half-way', async () => {
    for (let n = 0; n < 3; n += 1) await staged('x');
    app.clock.advance(AGE + 1);
    const end = app.sessions.purge.bind(app.sessions);
    let ended = 0;
    app.sessions.purge = async (...parameters) => {
      ended += 1;
      if (ended === 3) throw new Error('disk I/O error');
      return end(...parameters);
    };
    await expect(purge().execute()).rejects.toThrow('disk I/O error');
    expect(infos()).toMatchObject([{ fields: { sessions: 2, bytes: 2 } }]);
  });
});
