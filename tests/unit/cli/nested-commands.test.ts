import { describe, expect, it } from 'vitest';
import { runCli } from '../../../src/interfaces/cli/cli.js';
import type { Command, CommandArguments, CommandGroup } from '../../../src/interfaces/cli/command.js';

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** What ran, with what. */
  readonly ran: readonly (readonly [path: string, args: CommandArguments])[];
}

const CONFIG = { name: 'config', describe: 'A file', required: false };

/** Runs a line of a program with `clean [config]`, also `sweep`, and below it `clean why <thing> [config]`. */
async function invoked(line: string | readonly string[]): Promise<Outcome> {
  const written = { out: '', err: '' };
  const ran: (readonly [string, CommandArguments])[] = [];
  const runs = (path: string, code: number) => (args: CommandArguments) => {
    ran.push([path, args]);
    return Promise.resolve(code);
  };
  const why: Command = {
    name: 'why',
    aliases: ['because'],
    summary: 'Say why',
    arguments: [{ name: 'thing', describe: 'A thing to explain', required: true }, CONFIG],
    options: {
      root: { type: 'string', requiresArg: true, describe: 'Where it is' },
      json: { type: 'boolean', describe: 'For programs' },
    },
    examples: [['clean why broom', 'Explain the broom']],
    run: runs('clean why', 4),
  };
  const clean: Command = {
    name: 'clean',
    aliases: ['sweep'],
    summary: 'Clean all',
    arguments: [CONFIG],
    options: {
      root: { type: 'string', requiresArg: true, describe: 'Where to clean' },
      pause: { type: 'number', alias: 'p', describe: 'Seconds' },
      'dry-run': { type: 'boolean', alias: 'd', describe: 'Only look' },
    },
    examples: [['clean -d', 'Look at the dirt']],
    commands: [why],
    run: runs('clean', 3),
  };
  const group: CommandGroup = { name: 'house', aliases: ['home'], summary: 'The house', commands: [why] };
  const terminal = {
    stdout: { write: (text: string) => void (written.out += text) },
    stderr: { write: (text: string) => void (written.err += text) },
    colour: false,
    interactive: false,
    width: 100,
  };
  const code = await runCli(typeof line === 'string' ? line.split(' ') : line, {
    name: 'stowage',
    version: '1.2.3',
    terminal,
    commands: [clean, group],
  });
  return { code, ...written, ran };
}

describe('a command with commands below it', () => {
  it.each([
    ['clean', 'clean', {}, 3],
    ['clean a.yml', 'clean', { config: 'a.yml' }, 3],
    ['clean -d a.yml --root /x', 'clean', { 'dry-run': true, config: 'a.yml', root: '/x' }, 3],
    ['sweep a.yml', 'clean', { config: 'a.yml' }, 3],
    ['clean ./why', 'clean', { config: './why' }, 3],
    ['clean why broom', 'clean why', { thing: 'broom' }, 4],
    ['clean why broom a.yml --json', 'clean why', { thing: 'broom', config: 'a.yml', json: true }, 4],
    ['sweep because broom --root /x', 'clean why', { thing: 'broom', root: '/x' }, 4],
    ['clean --root /x why broom', 'clean why', { thing: 'broom', root: '/x' }, 4],
    ['home why broom', 'clean why', { thing: 'broom' }, 4],
  ])('"%s" runs %s, and nothing else', async (line, path, args, code) => {
    const { ran, ...outcome } = await invoked(line);
    expect(outcome).toEqual({ code, out: '', err: '' });
    expect(ran).toEqual([[path, expect.objectContaining(args)]]);
  });

  it('keeps its arguments to itself', async () => {
    const { ran } = await invoked('clean why broom');
    expect(ran[0]?.[1]['config']).toBeUndefined();
  });

  it.each(['clean --help', 'sweep -h'])('says in the help for "%s" what can stand there', async (line) => {
    const { code, out, ran } = await invoked(line);
    expect([code, ran]).toEqual([0, []]);
    expect(out).toContain('stowage clean [config]');
    expect(out).toMatch(/stowage (clean|sweep) why <thing> \[config\] +Say why/);
    expect(out).toMatch(/-d, --dry-run +Only look/);
    expect(out).toContain('stowage clean -d  Look at the dirt');
    expect(out).not.toContain('Explain the broom');
  });

  it.each(['clean why --help', 'sweep because --help'])(
    'says in the help for "%s" what the command below takes, and nothing of the one above',
    async (line) => {
      const { code, out, ran } = await invoked(line);
      expect([code, ran]).toEqual([0, []]);
      expect(out).toMatch(/^stowage (clean|sweep) why <thing> \[config\]\n/);
      expect(out).toMatch(/Positionals:\n +thing +A thing to explain .*\n +config +A file/);
      expect(out).toContain('Where it is');
      expect(out).toContain('Explain the broom');
      for (const other of ['dry-run', 'pause', 'Where to clean', 'dirt']) expect(out).not.toContain(other);
    },
  );

  it('shows its other name in the list of commands', async () => {
    expect((await invoked('--help')).out).toMatch(/stowage clean \[config\] +Clean all +\[aliases: sweep\]/);
  });

  it.each([
    ['clean why', 'clean why needs an argument: <thing>. See stowage clean why --help'],
    ['sweep because', 'clean why needs an argument: <thing>. See stowage clean why --help'],
    ['clean why broom a.yml b.yml', 'clean why does not know what to do with "b.yml": it is one argument'],
    ['clean a.yml b.yml', 'clean does not know what to do with "b.yml": it is one argument too many. See'],
    ['clean wyh broom', 'too many. Did you mean clean why? See stowage clean --help'],
    ['clean a.yml why', 'clean does not know what to do with "why": it is one argument too many.'],
    ['clean why broom --dry-run', 'clean why has no option --dry-run. See stowage clean why --help'],
    ['clean why broom --jsn', 'clean why has no option --jsn. Did you mean --json? See'],
    ['clean --jsn', 'clean has no option --jsn. See stowage clean --help'],
    ['clean --root /x why broom --jsn', 'clean why has no option --jsn. Did you mean --json? See'],
    ['clean -p 3 why broom', 'clean why has no option -p. See stowage clean why --help'],
    ['clean --root', '--root needs a value. See stowage clean --help'],
    ['swep', 'There is no command "swep". Did you mean sweep? See stowage --help'],
    ['home', 'house needs a command: why. See stowage house --help'],
  ])('answers "%s" with exit code 2 and one sentence', async (line, sentence) => {
    const { code, out, err, ran } = await invoked(line);
    expect({ code, out, ran }).toEqual({ code: 2, out: '', ran: [] });
    expect(err).toMatch(/^stowage: [^\n]+\n$/);
    expect(err).toContain(sentence);
  });

  it.each([
    ['stowage ', ['clean', 'house']],
    ['stowage clean ', ['why']],
    ['stowage sweep ', ['why']],
    ['stowage clean -', ['--root', '--pause', '--dry-run', '--help']],
    ['stowage clean why -', ['--root', '--json', '--help']],
    ['stowage home ', ['why']],
  ])('completes "%s"', async (line, words) => {
    const { code, out, ran } = await invoked(['--get-yargs-completions', ...line.split(' ')]);
    expect([code, ran]).toEqual([0, []]);
    const offered = out.trim().split('\n');
    const found = offered.map((each) => each.split(':')[0]);
    expect(found).toEqual(expect.arrayContaining(words));
    if (line.startsWith('stowage clean why')) expect(found).not.toContain('--dry-run');
  });
});
