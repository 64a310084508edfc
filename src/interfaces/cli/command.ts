import type { Options } from 'yargs';

/** What yargs made of the words behind a command. */
export type CommandArguments = Readonly<Record<string, unknown>>;

export interface CommandArgument {
  readonly name: string;
  readonly describe: string;
  readonly required: boolean;
  /** The words it can be; any text without them. */
  readonly choices?: readonly string[];
}

/** One command of the program: what it takes, as data, and what it does. */
export interface Command {
  readonly name: string;
  /** One sentence for the list of commands. */
  readonly summary: string;
  /** Its argument, if it takes one, by the name that help shows. */
  readonly argument?: CommandArgument;
  readonly options: Readonly<Record<string, Options>>;
  /** Lines to type, without the name of the program, and what each does. */
  readonly examples: readonly (readonly [line: string, what: string])[];
  /** @returns the exit code: 0 done, 1 failed, 2 the usage or the configuration is wrong */
  run(args: CommandArguments): Promise<number>;
}

/** A command that only gathers others: `config check`, `config show`. */
export interface CommandGroup {
  readonly name: string;
  readonly summary: string;
  readonly commands: readonly Command[];
}
