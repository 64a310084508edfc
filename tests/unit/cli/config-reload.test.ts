import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../../src/application/ports/system/configuration-reader.js';
import type { ReloadAnswer } from '../../../src/interfaces/cli/commands/config-reload.js';
import { StartFailed } from '../../../src/interfaces/cli/start-failed.js';
import { invoked } from './invoked.js';

const answering =
  (...answers: readonly ReloadAnswer[]) =>
  async () =>
    answers.map((answer, index) => ({ host: 'box', pid: index + 1, reload: async () => answer }));

const RELOADED = { kind: 'reloaded', changed: ['log.level', 'gc.batch'], restart: [] } as const;

describe('config reload', () => {
  it('asks for the configuration that is named, and tells what came of it', async () => {
    const findServing = answering(RELOADED, { ...RELOADED, changed: [], restart: ['http.addr'] });
    const { code, out, err, requests } = await invoked('config reload x.yml --root /data', { findServing });
    expect([code, err]).toEqual([0, '']);
    expect(out).toBe(
      'process 1 has taken: log.level, gc.batch.\n' +
        'process 2 has read its configuration and files again; no key that it can take has changed.\n' +
        'process 2 needs a restart for: http.addr.\n',
    );
    expect(requests).toMatchObject([{ file: 'x.yml', flags: [{ flag: '--root', value: '/data' }] }]);
  });

  it.each([
    [
      { kind: 'refused', problems: ['A is wrong.'] },
      'process 1 keeps the configuration that it had: A is wrong.',
    ],
    [
      { kind: 'refused', problems: ['A is wrong.', 'B too.'] },
      'process 1 keeps the configuration that it had:\n  - A is wrong.\n  - B too.',
    ],
    [{ kind: 'ended' }, 'process 1 has ended before it answered.'],
    [
      { kind: 'silent' },
      'process 1 has not answered in time: it still starts, or it is an older version. Its log tells what came of the request.',
    ],
  ] as const)('fails when one answers %j', async (answer, sentence) => {
    const findServing = answering(answer, RELOADED);
    expect(await invoked('config reload', { findServing })).toMatchObject({
      code: 1,
      out: 'process 2 has taken: log.level, gc.batch.\n',
      err: `stowage: ${sentence}\n`,
    });
    const json = await invoked('config reload --json', { findServing });
    const { kind: outcome, ...more } = answer;
    expect([json.code, json.err, JSON.parse(json.out)]).toEqual([
      1,
      '',
      {
        problems: [],
        processes: [
          { host: 'box', pid: 1, outcome, ...more },
          { host: 'box', pid: 2, outcome: 'reloaded', changed: RELOADED.changed, restart: [] },
        ],
      },
    ]);
  });

  it('asks nobody when the configuration is wrong', async () => {
    const behind = {
      read: () => {
        throw new ConfigurationError(['A is wrong.']);
      },
      findServing: async () => {
        throw new Error('nobody is to be asked');
      },
    };
    expect(await invoked('config reload', behind)).toMatchObject({ code: 2, err: 'stowage: A is wrong.\n' });
    const json = await invoked('config reload --json', behind);
    expect([json.code, json.err, JSON.parse(json.out)]).toEqual([
      2,
      '',
      { problems: ['A is wrong.'], processes: [] },
    ]);
  });

  it('fails when there is nobody to ask', async () => {
    const findServing = async () => {
      throw new StartFailed('nobody serves it.');
    };
    expect(await invoked('config reload', { findServing })).toMatchObject({
      code: 1,
      err: 'stowage: nobody serves it.\n',
    });
  });
});
