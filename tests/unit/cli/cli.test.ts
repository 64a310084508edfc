import { spawnSync } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import {
  ConfigurationError,
  type ConfigurationReport,
} from '../../../src/application/ports/system/configuration-reader.js';
import { StartFailed } from '../../../src/interfaces/cli/start-failed.js';
import { invoked } from './invoked.js';

const report: ConfigurationReport = {
  file: 'config.yml',
  values: [
    { key: 'http.addr', value: ':5000', origin: { kind: 'file', path: 'config.yml', line: 12 } },
    {
      key: 'http.headers.X-A',
      value: ['b'],
      origin: { kind: 'environment', variable: 'REGISTRY_HTTP_HEADERS_X-A' },
    },
    { key: 'log.level', value: 'debug', origin: { kind: 'flag', flag: '--log-level' } },
    { key: 'log.formatter', value: undefined, origin: { kind: 'default' } },
  ],
  notices: ['http.secret (config.yml:3) is not needed: nothing has to be signed.'],
  warnings: ['http.addr (config.yml:12) is :5000: other machines can reach it.'],
};

const refusing = (...problems: string[]) => ({
  read: () => {
    throw new ConfigurationError(problems);
  },
});

describe('the program', () => {
  it.each(['', '--help', '-h'])('prints help for "%s"', async (line) => {
    const { code, out, err } = await invoked(line);
    expect([code, err]).toEqual([0, '']);
    for (const word of ['serve', 'config', 'version', 'completion', 'Examples:']) expect(out).toContain(word);
  });

  it.each(['serve', 'config check', 'config show', 'version', 'completion'])(
    'prints help of %s with what it takes and examples',
    async (command) => {
      const { code, out } = await invoked(`${command} --help`);
      expect(code).toBe(0);
      expect(out).toContain(`stowage ${command}`);
      expect(out).toMatch(new RegExp(`Examples:\\n  stowage ${command}`));
    },
  );

  it('explains each option of serve in its help, with the key that it sets', async () => {
    const { out } = await invoked('serve --help');
    expect(out).toMatch(/--addr .*\(http\.addr\)/);
    expect(out).toMatch(/--root .*\(storage\.filesystem\.rootdirectory\)/);
    expect(out).toMatch(/--log-level .*\(log\.level\)/);
  });

  it.each(['version', '--version', '-v'])('prints its version for "%s"', async (line) => {
    expect(await invoked(line)).toMatchObject({ code: 0, out: 'stowage 1.2.3\n', err: '' });
  });

  it.each([
    ['serv', 'There is no command "serv". Did you mean serve? See stowage --help'],
    [
      'xyzzy',
      'There is no command "xyzzy". There are serve, config, version, completion. See stowage --help',
    ],
    ['--foo', 'There is no option --foo. See stowage --help'],
    ['--verison', 'There is no option --verison. Did you mean --version? See stowage --help'],
    ['serve --adr :5000', 'serve has no option --adr. Did you mean --addr? See stowage serve --help'],
    ['serve --adr=:5000', 'serve has no option --adr. Did you mean --addr? See stowage serve --help'],
    ['serve --no-addr', 'serve has no option --no-addr. See stowage serve --help'],
    ['serve --addr.x 1', 'serve has no option --addr.x. Did you mean --addr? See stowage serve --help'],
    ['serve -x', 'serve has no option -x. See stowage serve --help'],
    ['serve --addr', '--addr needs a value. See stowage serve --help'],
    [
      'serve --log-level loud',
      '--log-level must be one of "error", "warn", "info", "debug", but is "loud". See',
    ],
    ['serve a.yml b.yml', 'serve does not know what to do with "b.yml": it is one argument too many. See'],
    ['version now', 'version does not know what to do with "now": it is one argument too many. See'],
    ['config', 'config needs a command: check, show. See stowage config --help'],
    ['config shw', 'config has no command "shw". Did you mean show? See stowage config --help'],
    [
      'config show --jsn',
      'config show has no option --jsn. Did you mean --json? See stowage config show --help',
    ],
    ['completion', 'completion needs an argument: bash, zsh. See stowage completion --help'],
    ['completion fish', 'shell must be one of "bash", "zsh", but is "fish". See stowage completion --help'],
  ])('answers "%s" with exit code 2 and one sentence', async (line, sentence) => {
    const { code, out, err, requests } = await invoked(line);
    expect({ code, out, requests }).toEqual({ code: 2, out: '', requests: [] });
    expect(err).toMatch(/^stowage: [^\n]+\n$/);
    expect(err).toContain(sentence);
  });
});

describe('serve', () => {
  it('prints what the registry says of itself, and ends with it', async () => {
    const stops = new EventEmitter();
    const stopped = once(stops, 'stop').then(() => undefined);
    let ended = false;
    const running = invoked('serve', { start: () => Promise.resolve({ lines: ['one', 'two'], stopped }) });
    void running.then(() => (ended = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(ended).toBe(false);
    stops.emit('stop');
    expect(await running).toMatchObject({ code: 0, out: 'one\ntwo\n', err: '' });
  });

  it('asks for the file and the flags that were typed', async () => {
    const { requests } = await invoked('serve my.yml --addr :80 --root=/srv --log-level debug');
    expect(requests).toEqual([
      {
        file: 'my.yml',
        flags: [
          { key: 'http.addr', flag: '--addr', value: ':80' },
          { key: 'storage.filesystem.rootdirectory', flag: '--root', value: '/srv' },
          { key: 'log.level', flag: '--log-level', value: 'debug' },
        ],
      },
    ]);
    expect((await invoked('serve')).requests).toEqual([{ file: undefined, flags: [] }]);
  });

  it('takes numbers as the text that was typed, and the last of two', async () => {
    const { requests } = await invoked('serve 007 --root 1 --root 1e3');
    expect(requests).toMatchObject([{ file: '007', flags: [{ value: '1e3' }] }]);
  });

  it.each([
    [new StartFailed('port 5000 is taken.'), 1, 'stowage: port 5000 is taken.\n'],
    [new ConfigurationError(['http.addr is wrong.']), 2, 'stowage: http.addr is wrong.\n'],
    [
      new ConfigurationError(['A is wrong.', 'B is wrong.']),
      2,
      'stowage: the configuration cannot be used:\n  - A is wrong.\n  - B is wrong.\n',
    ],
  ])('answers %s in plain words', async (refusal, code, err) => {
    expect(await invoked('serve', { start: () => Promise.reject(refusal) })).toMatchObject({
      code,
      err,
      out: '',
    });
  });

  it('shows a fault of its own whole, so that it can be reported', async () => {
    const fault = new TypeError('x is undefined', { cause: new Error('because') });
    const { code, err } = await invoked('serve', { start: () => Promise.reject(fault) });
    expect(code).toBe(1);
    expect(err).toMatch(/an unexpected fault:\nTypeError: x is undefined\n\s+at [^]*because/);
  });

  it('fails when the registry stops by a fault', async () => {
    const stopped = Promise.reject(new StartFailed('the disk is gone.'));
    expect(await invoked('serve', { start: () => Promise.resolve({ lines: [], stopped }) })).toMatchObject({
      code: 1,
      err: 'stowage: the disk is gone.\n',
    });
  });
});

describe('config check', () => {
  it('prints notices, warnings and that the file is valid', async () => {
    expect(await invoked('config check config.yml', { read: () => report })).toMatchObject({
      code: 0,
      out: `notice: ${report.notices[0]}\nconfig.yml is valid.\n`,
      err: `warning: ${report.warnings[0]}\n`,
      requests: [{ file: 'config.yml', flags: [] }],
    });
  });

  it('says that what applies is valid when there is no file', async () => {
    expect((await invoked('config check')).out).toBe('No file is configured; what applies is valid.\n');
  });

  it('lists every problem, with exit code 2', async () => {
    const { code, err } = await invoked('config check', refusing('A is wrong.', 'B is wrong.'));
    expect(code).toBe(2);
    expect(err).toContain('  - A is wrong.\n  - B is wrong.\n');
  });

  it('answers a program in JSON, problems included', async () => {
    const valid = await invoked('config check config.yml --json', { read: () => report });
    expect(valid.code).toBe(0);
    expect(JSON.parse(valid.out)).toEqual({
      valid: true,
      file: 'config.yml',
      problems: [],
      notices: report.notices,
      warnings: report.warnings,
    });
    const invalid = await invoked('config check x.yml --json', refusing('A is wrong.'));
    expect(invalid).toMatchObject({ code: 2, err: '' });
    expect(JSON.parse(invalid.out)).toMatchObject({ valid: false, file: 'x.yml', problems: ['A is wrong.'] });
  });
});

describe('config show', () => {
  it('prints each value with where it comes from', async () => {
    const { out } = await invoked('config show', { read: () => report });
    expect(out.split('\n')).toEqual([
      'KEY               VALUE  FROM',
      'http.addr         :5000  config.yml:12',
      'http.headers.X-A  ["b"]  REGISTRY_HTTP_HEADERS_X-A',
      'log.level         debug  --log-level',
      'log.formatter     -      default',
      '',
    ]);
  });

  it('uses colours only where they are shown', async () => {
    const plain = await invoked('config show', { read: () => report });
    const coloured = await invoked('config show', { read: () => report, colour: true });
    expect(plain.out).not.toContain('\u001b');
    expect(stripVTControlCharacters(coloured.out)).toBe(plain.out);
    expect(coloured.out).toContain('\u001b[2mdefault\u001b[22m');
  });

  it('prints JSON for a program', async () => {
    const { out } = await invoked('config show --json', { read: () => report });
    expect(JSON.parse(out)).toEqual(report.values.map((value) => ({ ...value, value: value.value ?? null })));
  });

  it('prints the built-in configuration without reading any', async () => {
    expect(await invoked('config show --default')).toMatchObject({ out: 'version: 0.1\n', requests: [] });
  });
});

describe('completion', () => {
  it.each([
    ['stowage ', ['serve', 'config', 'version', 'completion']],
    ['stowage config ', ['check', 'show']],
    ['stowage serve --', ['--addr', '--root', '--log-level', '--help', '--version']],
  ])('offers what can follow "%s"', async (line, words) => {
    const { code, out } = await invoked(['--get-yargs-completions', ...line.split(' ')]);
    expect(code).toBe(0);
    const offered = out
      .trim()
      .split('\n')
      .map((each) => each.split(':')[0]);
    expect(offered).toEqual(expect.arrayContaining(words));
  });

  it('prints a script that bash understands, and that runs this very program', async () => {
    const { out } = await invoked('completion bash');
    expect(out).toContain(String.raw`'/usr/bin/node' '/it'\''s/main.js' --get-yargs-completions`);
    const { status, stderr } = spawnSync('bash', ['-n'], { input: out, encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
    expect((await invoked('completion zsh')).out).toMatch(/compdef _stowage stowage\n$/);
  });
});
