import { spawnSync } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../../src/application/ports/system/configuration-reader.js';
import { StartFailed } from '../../../src/interfaces/cli/start-failed.js';
import { invoked } from './invoked.js';

describe('the program', () => {
  it.each(['', '--help', '-h'])('prints help for "%s"', async (line) => {
    const { code, out, err } = await invoked(line);
    expect([code, err]).toEqual([0, '']);
    for (const word of ['serve', 'config', 'version', 'completion', 'Examples:']) expect(out).toContain(word);
  });

  it.each(['serve', 'config check', 'config show', 'index verify', 'index repair', 'version', 'completion'])(
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
      'There is no command "xyzzy". There are serve, config, index, storage, htpasswd, version, completion. See stowage --help',
    ],
    ['--foo', 'There is no option --foo. See stowage --help'],
    ['--verison', 'There is no option --verison. Did you mean --version? See stowage --help'],
    ['serve --adr :5000', 'serve has no option --adr. Did you mean --addr? See stowage serve --help'],
    ['serve --adr=:5000', 'serve has no option --adr. Did you mean --addr? See stowage serve --help'],
    ['serve --no-addr', 'serve has no option --no-addr. See stowage serve --help'],
    ['serve --addr.x 1', 'serve has no option --addr.x. Did you mean --addr? See stowage serve --help'],
    ['--addr :80 serve --rot /x', 'serve has no option --rot. Did you mean --root? See stowage serve --help'],
    ['serve -x', 'serve has no option -x. See stowage serve --help'],
    ['serve --addr', '--addr needs a value. See stowage serve --help'],
    [
      'serve --log-level loud',
      '--log-level must be one of "error", "warn", "info", "debug", but is "loud". See',
    ],
    ['serve a.yml b.yml', 'serve does not know what to do with "b.yml": it is one argument too many. See'],
    ['version now', 'version does not know what to do with "now": it is one argument too many. See'],
    ['config', 'config needs a command: check, show, reload. See stowage config --help'],
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
