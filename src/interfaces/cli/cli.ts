import { inspect } from 'node:util';
import yargs, { type Argv } from 'yargs';
import { PasswordFileRefused } from '../../application/ports/security/password-file.js';
import { ConfigurationError } from '../../application/ports/system/configuration-reader.js';
import { isNamed, type Command, type CommandGroup } from './command.js';
import { printProblems } from './output/print-problems.js';
import type { Terminal } from './output/terminal.js';
import { StartFailed } from './start-failed.js';
import { explainUsage, UsageError } from './usage-error.js';

/** The option by which a script of `completion` asks for what can follow; yargs answers it. */
const COMPLETIONS = '--get-yargs-completions';

const PARSER = {
  'boolean-negation': false,
  'camel-case-expansion': false,
  'dot-notation': false,
  'duplicate-arguments-array': false,
  'parse-numbers': false,
  'parse-positional-numbers': false,
} as const;

/** The program as its user sees it. */
export interface Program {
  /** What is typed to run it, as help shows it: `stowage`. */
  readonly name: string;
  readonly version: string;
  readonly terminal: Terminal;
  readonly commands: readonly (Command | CommandGroup)[];
}

/**
 * Runs one command line (without node and script).
 * @returns the exit code: 0 done, 1 failed, 2 the usage or the configuration is wrong
 */
export async function runCli(argv: readonly string[], program: Program): Promise<number> {
  const { terminal } = program;
  const run: Run = { exitCode: 0 };
  const parser = buildParser(program, run);
  try {
    if (argv.length === 0) {
      terminal.stdout.write(`${await parser.getHelp()}\n`);
      return 0;
    }
    // The callback gets help, versions and completions, which would go to the console without it.
    await parser.parseAsync(
      withoutAliases(argv, program.commands),
      {},
      (_error: unknown, _args: unknown, output: string) => {
        if (output !== '') terminal.stdout.write(`${output}\n`);
      },
    );
    return run.exitCode;
  } catch (error) {
    return report(run.started ? error : toUsageError(error, argv, program), program);
  }
}

interface Run {
  exitCode: number;
  /** True from the moment a command runs: errors before it are complaints about the words. */
  started?: true;
}

function buildParser(program: Program, run: Run): Argv {
  const parser = yargs()
    .scriptName(program.name)
    .usage('$0 <command>\n\nA container registry: one program, one folder, no configuration to start with.')
    .detectLocale(false)
    .parserConfiguration(PARSER)
    .wrap(program.terminal.width)
    .strict()
    .exitProcess(false)
    .fail(false)
    .help()
    .alias('help', 'h')
    .version(`stowage ${program.version}`)
    .alias('version', 'v')
    .demandCommand(1)
    .example('$0 serve', 'Run the registry on 127.0.0.1:5000, stored in ./data')
    .example('$0 <command> --help', 'Say more about a command');
  for (const command of program.commands) addCommand(parser, command, run, []);
  return parser;
}

function addCommand(parser: Argv, command: Command | CommandGroup, run: Run, above: readonly string[]): void {
  const path = [...above, command.name];
  const names = (line: string) => [line, ...(command.aliases ?? [])];
  if (!('run' in command)) {
    parser.command(names(command.name), command.summary, (group) => {
      group.usage(`$0 ${path.join(' ')} <command>\n\n${command.summary}`).demandCommand(1);
      for (const child of command.commands) addCommand(group, child, run, path);
      return group;
    });
    return;
  }
  const words = (command.arguments ?? []).map(({ name, required }) => (required ? `<${name}>` : `[${name}]`));
  parser.command(
    names([command.name, ...words].join(' ')),
    command.summary,
    (builder) => {
      addWords(builder, command);
      for (const child of command.commands ?? []) addCommand(builder, child, run, path);
      return builder;
    },
    async (args) => {
      run.started = true;
      // Yargs now makes the command's help in case somebody asks for it later; without lines to break it costs little.
      parser.wrap(null);
      run.exitCode = await command.run(args);
    },
  );
}

/** What may follow the command. Nothing of it is known to the commands below. */
function addWords(builder: Argv, command: Command): void {
  // Elsewhere the last of several counts.
  if (Object.values(command.options).some(({ array }) => array === true)) {
    builder.parserConfiguration({ ...PARSER, 'duplicate-arguments-array': true, 'greedy-arrays': false });
  }
  for (const { name, describe, choices } of command.arguments ?? []) {
    builder.positional(name, { type: 'string', describe, ...(choices && { choices }) });
    builder.option(name, { global: false });
  }
  for (const [name, option] of Object.entries(command.options)) {
    builder.option(name, { ...option, global: false });
  }
  for (const [line, what] of command.examples) builder.example(`$0 ${line}`, what);
}

/** The words by which yargs completes: of aliases it knows only that they run. */
function withoutAliases(argv: readonly string[], commands: readonly (Command | CommandGroup)[]): string[] {
  if (argv[0] !== COMPLETIONS) return [...argv];
  return argv.map((word) => commands.find((command) => isNamed(command, word))?.name ?? word);
}

function toUsageError(error: unknown, argv: readonly string[], program: Program): unknown {
  // Whatever yargs throws before a command runs is a complaint, not a fault of ours.
  return error instanceof Error ? explainUsage(error.message, argv, program.commands) : error;
}

function report(error: unknown, { name, terminal }: Program): number {
  if (error instanceof UsageError) {
    const help = error.command === '' ? '--help' : `${error.command} --help`;
    terminal.stderr.write(`stowage: ${error.message} See ${name} ${help}\n`);
    return 2;
  }
  if (error instanceof ConfigurationError) {
    printProblems(terminal, 'the configuration cannot be used:', error.problems);
    return 2;
  }
  const isPlain = error instanceof StartFailed || error instanceof PasswordFileRefused;
  terminal.stderr.write(`stowage: ${isPlain ? error.message : `an unexpected fault:\n${inspect(error)}`}\n`);
  return 1;
}
