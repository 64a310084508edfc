import { once } from 'node:events';
import { request, type ClientRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { TOKENS as T } from '../../src/container/tokens.js';
import { RepositoryName } from '../../src/domain/repository/repository-name.js';
import { UploadId } from '../../src/domain/upload/upload-id.js';
import { ScheduledJobs } from '../../src/interfaces/jobs/scheduled-jobs.js';
import { ManualClock } from '../support/fakes.js';
import { digestOf, errorCodes, type Answer } from '../support/http-client.js';
import { openUpload } from '../contract/metadata/metadata-actions.js';
import { InProcessRegistry } from '../support/in-process-registry.js';
import { RecordingLogger } from '../unit/observability/recording-logger.js';

const REPOSITORY = 'team/app';
const UPLOADS = `/v2/${REPOSITORY}/blobs/uploads/`;
const DAY = 86_400_000;
const MINUTES_AFTER_START = 5 * 60_000;
const PATIENCE = 10_000;

describe('an upload that was purged', () => {
  let registry: InProcessRegistry;
  afterEach(async () => registry.stop());

  const send = (method: string, path: string, body?: string): Promise<Answer> =>
    registry.client.send(body === undefined ? { method, path } : { method, path, body });

  /** Begun so many days ago, as if its client had left then. */
  async function begun(days: number): Promise<string> {
    const rows = await registry.container.getAsync(T.uploadSessions);
    const now = Date.now() - days * DAY;
    const id = await openUpload(rows, RepositoryName.parse(REPOSITORY), now);
    return `${UPLOADS}${id.toString()}`;
  }

  const purge = async () => (await registry.container.getAsync(T.purgeUploads)).execute();

  async function runTidyingJobs(): Promise<void> {
    for (const job of await registry.container.getAsync(T.tidyingJobs)) {
      if (job.interval !== undefined) await job.run(new AbortController().signal);
    }
  }

  it('is unknown to every request, and others go on', async () => {
    registry = await InProcessRegistry.start();
    const [old, young] = [await begun(8), await begun(6)];
    expect((await send('GET', old)).status).toBe(204);
    expect(await purge()).toEqual({ sessions: 1, bytes: 0 });
    const digest = digestOf('late');
    for (const [method, path] of [
      ['GET', old],
      ['PATCH', old],
      ['PUT', `${old}?digest=${digest}`],
      ['DELETE', old],
    ] as const) {
      const answer = await send(method, path, method === 'GET' ? undefined : 'late');
      expect([method, answer.status, errorCodes(answer)]).toEqual([method, 404, ['BLOB_UPLOAD_UNKNOWN']]);
    }
    expect((await send('PATCH', young, 'bytes')).status).toBe(202);
    expect((await send('PUT', `${young}?digest=${digestOf('bytes')}`)).status).toBe(201);
  });

  it('was not one that a request is writing to, however old it is', async () => {
    registry = await InProcessRegistry.start({
      storage: { maintenance: { uploadpurging: { age: 20 } } },
    });
    const [streamed, left] = [await begun(8), await begun(8)];
    const patch = streamTo(registry.port, streamed);
    const answered = once(patch, 'response');
    let sent = '';
    const piece = (): void => {
      sent += 'piece,';
      patch.write('piece,');
    };
    piece();
    const id = streamed.slice(UPLOADS.length);
    await until(async () => (await registry.container.get(T.storageDriver).list(folderOf(id))).length > 0);
    for (let round = 0; round < 5; round += 1) {
      await sleep(30);
      piece();
      const { sessions: ended } = await purge();
      expect(ended).toBe(round === 0 ? 1 : 0);
    }
    patch.end();
    const [response] = (await answered) as [{ statusCode: number; resume(): void }];
    response.resume();
    expect(response.statusCode).toBe(202);
    expect((await send('GET', left)).status).toBe(404);
    expect((await send('PUT', `${streamed}?digest=${digestOf(sent)}`)).status).toBe(201);
    expect((await send('GET', `/v2/${REPOSITORY}/blobs/${digestOf(sent)}`)).body.toString()).toBe(sent);
  });

  it('was purged by the job, at its time', async () => {
    registry = await InProcessRegistry.start({
      storage: { maintenance: { uploadpurging: { age: DAY, interval: 10 } } },
    });
    const jobs = await registry.container.getAsync(T.jobs);
    const [old, young] = [await begun(2), await begun(0.5)];
    jobs.start();
    await until(async () => (await send('GET', old)).status === 404);
    const second = await begun(2);
    await until(async () => (await send('GET', second)).status === 404);
    await jobs.stop();
    expect((await send('GET', young)).status).toBe(204);
  });

  it('was purged soon after the start, so that a restart every day lets the purge run', async () => {
    registry = await InProcessRegistry.start();
    const clock = new ManualClock();
    const logger = new RecordingLogger();
    const jobs = new ScheduledJobs(await registry.container.getAsync(T.tidyingJobs), clock, logger);
    const old = await begun(8);
    jobs.start();
    clock.advance(MINUTES_AFTER_START);
    await until(async () => (await send('GET', old)).status === 404);
    await jobs.stop();
    expect(logger.lines).toEqual([]);
  });

  it.each([
    ['is switched off', { uploadpurging: { enabled: false } }],
    ['runs dry', { uploadpurging: { dryrun: true } }],
    ['may remove nothing, since the registry is read-only', { readonly: { enabled: true } }],
  ])('is still there when the purge %s', async (_why, maintenance) => {
    registry = await InProcessRegistry.start({ storage: { maintenance } });
    const old = await begun(30);
    await runTidyingJobs();
    expect((await send('GET', old)).status).toBe(204);
  });

  it('leaves its files where they are once the registry is read-only, and no longer than that', async () => {
    registry = await InProcessRegistry.start();
    const old = await begun(1);
    await send('PATCH', old, 'bytes');
    const rows = await registry.container.getAsync(T.uploadSessions);
    const id = old.slice(UPLOADS.length);
    await rows.cancel(RepositoryName.parse(REPOSITORY), UploadId.fromUuid(id), Date.now());
    const files = () => registry.container.get(T.storageDriver).list(folderOf(id));
    registry.container.get(T.readOnlyMode).enter('the disk is locked');
    await runTidyingJobs();
    expect(await files()).toHaveLength(2);
    await (await registry.container.getAsync(T.forgetSettledUploads)).execute();
    expect(await files()).toEqual([]);
  });
});

const folderOf = (id: string): string => `docker/registry/v2/repositories/${REPOSITORY}/_uploads/${id}`;

function streamTo(port: number, path: string): ClientRequest {
  const headers = { 'transfer-encoding': 'chunked' };
  return request({ host: '127.0.0.1', port, method: 'PATCH', path, headers });
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error('it did not come');
    await sleep(10);
  }
}
