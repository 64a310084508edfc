import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HtpasswdUsers } from '../../../src/infrastructure/security/htpasswd/htpasswd-users.js';
import { ManualClock } from '../../support/fakes.js';
import { makeTempDir, type TempDir } from '../../support/temp-dir.js';
import { RecordingLogger } from '../observability/recording-logger.js';

const HASH = `$2y$05$${'a'.repeat(53)}`;
const OTHER = `$2y$05$${'b'.repeat(53)}`;

describe('the users of a file', () => {
  let temp: TempDir;
  let path: string;
  let clock: ManualClock;
  let logger: RecordingLogger;
  let users: HtpasswdUsers;

  beforeEach(async () => {
    temp = await makeTempDir();
    path = join(temp.path, 'htpasswd');
    clock = new ManualClock();
    logger = new RecordingLogger();
    await writeFile(path, `alice:${HASH}\n`);
    users = await HtpasswdUsers.open(path, clock, logger);
  });
  afterEach(() => temp.remove());

  const namesAfter = async (ms: number): Promise<string[]> => {
    clock.advance(ms);
    await users.fresh();
    return [...users.all.keys()];
  };
  const messages = (level: string) =>
    logger.lines.filter((line) => line.level === level).map(({ message }) => message);

  it('are those of the file as it is now, looked at once a second', async () => {
    await writeFile(path, `alice:${HASH}\nbob:${OTHER}\n`);
    expect(await namesAfter(999)).toEqual(['alice']);
    expect(users.fresh()).toBeUndefined();
    expect(await namesAfter(1)).toEqual(['alice', 'bob']);
    expect(users.fresh()).toBeUndefined();
  });

  it('are those of a file that took its place', async () => {
    await writeFile(`${path}.new`, `alice:${OTHER}\n`);
    await rename(`${path}.new`, path);
    await namesAfter(1_000);
    expect(users.all.get('alice')?.text).toBe(OTHER);
  });

  it('stay in force while the file is broken or gone, which is told once with its line', async () => {
    await writeFile(path, `bob:${HASH}\nbroken\n`);
    expect(await namesAfter(1_000)).toEqual(['alice']);
    expect(await namesAfter(1_000)).toEqual(['alice']);
    await rm(path);
    expect(await namesAfter(1_000)).toEqual(['alice']);
    expect(messages('error')).toEqual([
      expect.stringMatching(/stay in force: line 2 of .*htpasswd is broken: it has no colon/),
      expect.stringMatching(/stay in force: .*htpasswd does not exist/),
    ]);
    await writeFile(path, `bob:${HASH}\n`);
    expect(await namesAfter(1_000)).toEqual(['bob']);
    await writeFile(path, `broken\n`);
    expect(await namesAfter(1_000)).toEqual(['bob']);
    expect(messages('error')).toHaveLength(3);
  });

  it('are looked at after the clock was set back', async () => {
    await writeFile(path, `bob:${HASH}\n`);
    expect(await namesAfter(-3_600_000)).toEqual(['bob']);
  });

  it('are looked at by one of many that ask at once', async () => {
    clock.advance(1_000);
    const first = users.fresh();
    expect(first).toBeDefined();
    expect(users.fresh()).toBe(first);
    await first;
  });

  it('who cannot sign in are told at each reading, one line each', async () => {
    await writeFile(path, `alice:${HASH}\nbob:{SHA}x\ncarol:plain\n`);
    await namesAfter(1_000);
    await namesAfter(1_000);
    expect(messages('warn')).toEqual([
      expect.stringMatching(/htpasswd, line 2: bob cannot sign in/),
      expect.stringMatching(/htpasswd, line 3: carol cannot sign in/),
    ]);
  });

  it.each([
    ['is missing', 'nowhere', /^.*nowhere does not exist\. .*: stowage htpasswd add .*nowhere <user>$/],
    ['is a folder', '.', /cannot be used: it is a folder\.$/],
    ['lies below a file', 'htpasswd/x', /cannot be used: a part of its path is no folder\.$/],
  ])('are refused at the start with one sentence when it %s', async (_what, name, sentence) => {
    await expect(HtpasswdUsers.open(join(temp.path, name), clock, logger)).rejects.toThrow(sentence);
  });
});
