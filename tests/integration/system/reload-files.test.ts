import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SqliteInstances } from '../../../src/infrastructure/metadata/sqlite/sqlite-instances.js';
import { ReloadFiles } from '../../../src/infrastructure/system/reload-files.js';
import { reloadJob } from '../../../src/interfaces/jobs/reload-job.js';
import { ManualClock } from '../../support/fakes.js';
import { makeTempDir, type TempDir } from '../../support/temp-dir.js';

const DONE = { kind: 'reloaded', changed: ['a'], restart: [] } as const;

describe('requests for a reload', () => {
  let temp: TempDir;
  const id = randomBytes(16);
  let files: ReloadFiles;
  beforeEach(async () => {
    temp = await makeTempDir();
    files = new ReloadFiles(temp.path, id);
  });
  afterEach(async () => temp.remove());

  it('are answered once each, and leave nothing', () => {
    const [one, other] = [files.ask(), files.ask()];
    expect(new Set(files.pending())).toEqual(new Set([one, other]));
    expect(files.takeAnswer(one)).toBeUndefined();
    files.answer(one, DONE);
    expect(files.pending()).toEqual([other]);
    expect(files.takeAnswer(other)).toBeUndefined();
    expect(files.takeAnswer(one)).toEqual(DONE);
    expect(files.takeAnswer(one)).toBeUndefined();
    files.withdraw(other);
    expect(readdirSync(temp.path)).toEqual([]);
  });

  it('are for one process alone', () => {
    const another = new ReloadFiles(temp.path, randomBytes(16));
    files.ask();
    expect(another.pending()).toEqual([]);
  });

  it('can be read by their owner alone', () => {
    const request = files.ask();
    const modes = () => readdirSync(temp.path).map((name) => statSync(join(temp.path, name)).mode & 0o777);
    expect(modes()).toEqual([0o600]);
    files.answer(request, DONE);
    expect(modes()).toEqual([0o600]);
  });

  it('share one reload when they come together, and one that comes meanwhile gets the next', async () => {
    let late = '';
    let reloads = 0;
    const execute = async () => {
      reloads += 1;
      if (reloads === 1) late = files.ask();
      return DONE;
    };
    const job = reloadJob(files, { execute });
    const stop = new AbortController().signal;
    await job.run(stop);
    expect(reloads).toBe(0);
    const asked = [files.ask(), files.ask()];
    await job.run(stop);
    expect([reloads, asked.map((request) => files.takeAnswer(request))]).toEqual([1, [DONE, DONE]]);
    expect(files.takeAnswer(late)).toBeUndefined();
    await job.run(stop);
    expect([reloads, files.takeAnswer(late)]).toEqual([2, DONE]);
  });

  it('go with the process that they were for', () => {
    const instances = new SqliteInstances(temp.path, new ManualClock());
    instances.begin('stowage serve', false);
    const own = new ReloadFiles(temp.path, instances.own);
    own.answer(own.ask(), DONE);
    own.ask();
    const others = files.ask();
    instances.end();
    expect(readdirSync(temp.path)).toEqual([`${id.toString('hex')}.reload.${others}`]);
    expect(existsSync(temp.path)).toBe(true);
  });
});
