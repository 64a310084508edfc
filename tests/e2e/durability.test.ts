import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { digestOf, type Answer, type RawRequest } from '../support/http-client.js';
import { imageManifest, putManifest } from '../support/registry-actions.js';
import { RunningRegistry } from '../support/start-registry.js';
import { makeTempDir, type TempDir } from '../support/temp-dir.js';
import { describeWith, tool } from '../support/tools.js';
import { wholeTrace } from '../support/whole-trace.js';
import { parseTrace, type SystemCall } from './durability/system-calls.js';
import {
  isWriteTo,
  placements,
  rows,
  STAGED,
  unsynced,
  within,
  type RequestTrace,
} from './durability/unsynced.js';

const CALLS = 'mkdir,rename,fsync,fdatasync,write,writev,pwrite64,pwritev,sendto,sendmsg';
const WAL = /\.db-wal$/;
/** Far more than lies between a flush and what it writes to the database, far less than between two flushes. */
const QUIET_MS = 150;
const LINK = /\/_manifests\/.*\/link$/;

describeWith({ tools: ['strace'] }, 'the system calls before an answer', () => {
  let temp: TempDir;
  /** The calls of each request, by its name. */
  const traces = new Map<string, RequestTrace>();
  const trace = (name: string): RequestTrace => {
    const found = traces.get(name);
    if (found === undefined) throw new Error(`no request is called ${name}`);
    return found;
  };

  beforeAll(async () => {
    temp = await makeTempDir();
    const file = join(temp.path, 'trace');
    // Detached (-D), so that the process we know is the registry and not strace.
    const strace = [tool('strace'), '-D', '-f', '-y', '-s', '40', '-e', `trace=${CALLS}`, '-o', file];
    const registry = await RunningRegistry.start({
      folder: join(temp.path, 'registry'),
      runner: [...strace, process.execPath],
    });
    const names = await sendOneByOne(registry, () =>
      nextFlush(join(temp.path, 'registry', 'data', 'stowage')),
    );
    await registry.stop();
    const calls = parseTrace(await wholeTrace(file));
    const answers = calls.filter(({ text }) => text.includes('"HTTP/1.1 ')).slice(-names.length);
    for (const [index, name] of names.entries()) {
      const [before, own] = [answers[index - 1], answers[index]];
      if (own !== undefined) traces.set(name, { all: calls, from: before?.ended ?? 0, to: own.began });
    }
  });
  afterAll(async () => temp.remove());

  it.each(['first blob', 'second blob', 'end of a session'])('place a %s and write its rows', (name) => {
    expect(placements(trace(name))).toHaveLength(1);
    expect(within(trace(name), isWriteTo(WAL)).length).toBeGreaterThan(0);
  });

  it.each(['first blob', 'second blob', 'end of a session'])(
    'make everything durable that the 201 of a %s promises',
    (name) => {
      expect(within(trace(name), isWriteTo(WAL)).length).toBeGreaterThan(0);
      expect(unsynced(trace(name))).toEqual([]);
    },
  );

  it.each(['small blob', 'manifest', 'tag', 'mount'])(
    'make the rows durable that the 201 of a %s promises',
    (name) => {
      expect(within(trace(name), isWriteTo(WAL)).length).toBeGreaterThan(0);
      expect(rows(trace(name))).toEqual([]);
    },
  );

  it('write the links of a manifest and its tag after its rows are durable, and before its answer', () => {
    const links = within(trace('tag'), ({ name, paths }) => name === 'rename' && LINK.test(paths[1] ?? ''));
    const synced = within(
      trace('tag'),
      ({ name, paths }) => name === 'fdatasync' && WAL.test(paths[0] ?? ''),
    );
    expect(links.length).toBeGreaterThan(1);
    expect(synced[0]?.ended).toBeLessThan(links[0]?.began ?? 0);
  });

  it('place a small blob in the tree once its rows, which have its bytes, are durable', () => {
    const small = trace('small blob');
    const [placed] = placements(small);
    const synced = within(small, ({ name, paths }) => name === 'fdatasync' && WAL.test(paths[0] ?? ''));
    expect(synced[0]?.ended).toBeLessThan(placed?.began ?? 0);
  });

  it('make the bytes of a PATCH durable before its 202', () => {
    const patch = trace('PATCH');
    const written = within(patch, isWriteTo(STAGED)).at(-1);
    expect(written).toBeDefined();
    const syncs = within(patch, ({ name, paths }) => name === 'fdatasync' && paths[0] === written?.paths[0]);
    expect(syncs.some(({ began }) => began > (written?.ended ?? Infinity))).toBe(true);
  });

  it.each([
    ['the file that becomes the blob', (call: SystemCall) => STAGED.test(call.paths[0] ?? '')],
    ['the directory of the blob', (call: SystemCall) => /\/[0-9a-f]{64}$/.test(call.paths[0] ?? '')],
    ['the directory above it', (call: SystemCall) => /\/sha256\/[0-9a-f]{2}$/.test(call.paths[0] ?? '')],
    ['the root folder', (call: SystemCall) => call.paths[0]?.endsWith('/registry/data') === true],
    ['the WAL', (call: SystemCall) => WAL.test(call.paths[0] ?? '')],
  ])('would be found wanting without the sync of %s', (_what, isItsCall) => {
    const { all, from, to } = trace('first blob');
    const without = all.filter((call) => !(call.name.endsWith('sync') && isItsCall(call)));
    expect(without.length).toBeLessThan(all.length);
    expect(unsynced({ all: without, from, to })).not.toEqual([]);
  });
});

/** @returns the names of the requests, in the order of their answers */
async function sendOneByOne({ client }: RunningRegistry, flushed: () => Promise<void>): Promise<string[]> {
  const names: string[] = [];
  const send = async (name: string, status: number, request: RawRequest): Promise<Answer> => {
    const answer = await client.send(request);
    if (answer.status !== status) throw new Error(`${name}: ${answer.status} ${answer.body.toString()}`);
    names.push(name);
    if (status === 201) await flushed();
    return answer;
  };
  const uploads = '/v2/durable/blobs/uploads/';
  const post = async (name: string, body: Buffer): Promise<Answer> =>
    send(name, 201, { method: 'POST', path: `${uploads}?digest=${digestOf(body)}`, body });
  await post('first blob', randomBytes(600_000));
  await post('second blob', randomBytes(600_000));
  await post('small blob', Buffer.from('config'));
  const content = randomBytes(600_000);
  const { headers } = await send('POST', 202, { method: 'POST', path: uploads });
  const first = { method: 'PATCH', path: String(headers.location), body: content.subarray(0, 400_000) };
  const { headers: next } = await send('PATCH', 202, { ...first, chunked: true });
  const last = `${String(next.location)}&digest=${digestOf(content)}`;
  await send('end of a session', 201, { method: 'PUT', path: last, body: content.subarray(400_000) });
  const mount = `/v2/other/blobs/uploads/?mount=${digestOf(content)}&from=durable`;
  await send('mount', 201, { method: 'POST', path: mount });
  for (const [name, reference] of [
    ['manifest', digestOf(imageManifest('config'))],
    ['tag', 'latest'],
  ] as const) {
    const { status, body } = await putManifest(client, 'durable', reference, imageManifest('config'));
    if (status !== 201) throw new Error(`${name}: ${status} ${body.toString()}`);
    names.push(name);
    await flushed();
  }
  return names;
}

/**
 * Links are flushed once a second, and their rows removed then: right after that nothing is written but for a request.
 * @param folder with the database and what tells of flushes
 */
async function nextFlush(folder: string): Promise<void> {
  const marker = join(folder, 'flushed');
  const before = await changedAt(marker);
  while ((await changedAt(marker)) === before) await sleep(20);
  const wal = join(folder, 'metadata.db-wal');
  for (let written = Number.NaN; ;) {
    const last = await changedAt(wal);
    if (last === written) return;
    written = last ?? 0;
    await sleep(QUIET_MS);
  }
}

async function changedAt(path: string): Promise<number | undefined> {
  const [found] = await Promise.allSettled([stat(path)]);
  return found.status === 'fulfilled' ? found.value.ctimeMs : undefined;
}
