import type { Options } from 'yargs';

/** What yargs made of the words behind a command. */
export type CommandArguments = Readonly<Record<string, unknown>>;

export interface CommandArgument {
  /** By which help shows it. */
  readonly name: string;
  readonly describe: string;
  readonly required: boolean;
  /** The words it can be; any text without them. */
  readonly choices?: readonly string[];
}

/** One command of the program: what it takes, as data, and what it does. */
export interface Command {
  readonly name: string;
  /** Other words that mean the same. */
  readonly aliases?: readonly string[];
  /** One sentence for the list of commands. */
  readonly summary: string;
  /** Its arguments in their order, the required ones first. */
  readonly arguments?: readonly CommandArgument[];
  readonly options: Readonly<Record<string, Options>>;
  /** Lines to type, without the name of the program, and what each does. */
  readonly examples: readonly (readonly [line: string, what: string])[];
  /**
   * Commands below this one, which take none of its options: `gc explain` below `gc`. Their names can not be its first
   * argument, so a file of that name is `./explain`.
   */
  readonly commands?: readonly Command[];
  /** @returns the exit code: 0 done, 1 failed, 2 the usage or the configuration is wrong */
  run(args: CommandArguments): Promise<number>;
}

/** A command that only gathers others: `config check`, `config show`. */
export interface CommandGroup {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly summary: string;
  readonly commands: readonly Command[];
}

export function isNamed(command: Command | CommandGroup, word: string | undefined): boolean {
  return word !== undefined && (command.name === word || (command.aliases ?? []).includes(word));
}
