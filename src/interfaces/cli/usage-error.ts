import { nearestWord } from '../../application/services/nearest-word.js';
import { isNamed, type Command, type CommandGroup } from './command.js';

/** The words of the command line mean nothing. The message is one sentence. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  /** The command whose help says more; empty for the program itself. */
  readonly command: string;

  constructor(message: string, command: string) {
    super(message);
    this.command = command;
  }
}

const COMMON_OPTIONS = ['help', 'version'];

/** Our sentence for what yargs complains about, with the nearest thing that exists. */
export function explainUsage(
  complaint: string,
  argv: readonly string[],
  commands: readonly (Command | CommandGroup)[],
): UsageError {
  const chosen = chosenCommand(argv, commands);
  const unknown = /^Unknown (?:argument|command)s?: (.*)$/.exec(complaint)?.[1]?.split(', ')[0];
  if (unknown !== undefined) return unknownWord(unknown, argv, chosen);
  const valueless = /^Not enough arguments following: (.*)$/.exec(complaint)?.[1];
  if (valueless !== undefined) return new UsageError(`--${valueless} needs a value.`, chosen.path);
  const [, name, given, choices] = /Argument: (.*), Given: "?(.*?)"?, Choices: (.*)/.exec(complaint) ?? [];
  if (name !== undefined) {
    const typed = chosen.options.includes(name) ? `--${name}` : name;
    return new UsageError(`${typed} must be one of ${choices}, but is "${given}".`, chosen.path);
  }
  if (complaint.startsWith('Not enough non-option arguments')) {
    return missingWord(argv, chosen);
  }
  return new UsageError(complaint.replaceAll(/\s*\n\s*/g, ' '), chosen.path);
}

interface Chosen {
  readonly path: string;
  readonly options: readonly string[];
  /** Commands that could come next. */
  readonly commands: readonly (Command | CommandGroup)[];
  /** The command itself; undefined for the program and for groups. */
  readonly command?: Command;
}

function chosenCommand(argv: readonly string[], commands: readonly (Command | CommandGroup)[]): Chosen {
  const at = argv.findIndex((word) => commands.some((command) => isNamed(command, word)));
  const top = commands.find((command) => isNamed(command, argv[at]));
  return top === undefined ? chosenOf('', { commands }) : chosenBelow(top, argv.slice(at + 1), '');
}

/** @param behind the words behind the command's name */
function chosenBelow(command: Command | CommandGroup, behind: readonly string[], above: string): Chosen {
  const path = `${above}${command.name}`;
  const at = firstWord(behind, 'run' in command ? command.options : {});
  const below = command.commands?.find((child) => isNamed(child, behind[at]));
  return below === undefined ? chosenOf(path, command) : chosenBelow(below, behind.slice(at + 1), `${path} `);
}

function chosenOf(
  path: string,
  command: Command | { readonly commands: readonly (Command | CommandGroup)[] },
): Chosen {
  const { commands = [] } = command;
  if (!('run' in command)) return { path, options: COMMON_OPTIONS, commands };
  return { path, options: [...Object.keys(command.options), ...COMMON_OPTIONS], commands, command };
}

function namesOf({ commands }: Chosen): string {
  return commands.map(({ name }) => name).join(', ');
}

function nearestCommand(word: string, { commands }: Chosen): string | undefined {
  return nearestWord(
    word,
    commands.flatMap(({ name, aliases = [] }) => [name, ...aliases]),
  );
}

/** Where the first word stands that is neither an option nor an option's value. */
function firstWord(words: readonly string[], options: Command['options']): number {
  const takesValue = (word: string | undefined): boolean => {
    const name = /^--?([^=]+)$/.exec(word ?? '')?.[1] ?? '';
    const option = options[name] ?? Object.values(options).find(({ alias }) => alias === name);
    return option !== undefined && option.type !== 'boolean';
  };
  return words.findIndex((word, at) => !word.startsWith('-') && !takesValue(words[at - 1]));
}

function missingWord(argv: readonly string[], chosen: Chosen): UsageError {
  // An option in front of no command: yargs misses the command first, its user the option.
  const option = argv
    .map((word) => word.replace(/^-+|=.*$/g, ''))
    .find((word) => !chosen.options.includes(word));
  if (chosen.path === '') {
    if (option) return unknownWord(option, argv, chosen);
    return new UsageError(`Name a command: ${namesOf(chosen)}.`, '');
  }
  const what = chosen.command ? argumentOf(chosen.command) : `a command: ${namesOf(chosen)}`;
  return new UsageError(`${chosen.path} needs ${what}.`, chosen.path);
}

function argumentOf({ arguments: known = [] }: Command): string {
  const missing = known.find(({ required }) => required);
  return `an argument: ${missing?.choices?.join(', ') ?? `<${missing?.name}>`}`;
}

function unknownWord(word: string, argv: readonly string[], chosen: Chosen): UsageError {
  const subject = chosen.path === '' ? 'There is' : `${chosen.path} has`;
  const typed = argv.find(
    (each) => each.startsWith('-') && each.replace(/^-+/, '').split('=', 1)[0] === word,
  );
  if (typed !== undefined) {
    const nearest = nearestWord(word, chosen.options);
    const meant = nearest === undefined ? '' : ` Did you mean --${nearest}?`;
    return new UsageError(`${subject} no option ${typed.split('=', 1)[0]}.${meant}`, chosen.path);
  }
  if (chosen.command !== undefined) {
    // A misspelt command below it counts as its first argument.
    const meant = argv.map((each) => nearestCommand(each, chosen)).find((each) => each !== undefined);
    const hint = meant === undefined ? '' : ` Did you mean ${chosen.path} ${meant}?`;
    return new UsageError(
      `${chosen.path} does not know what to do with "${word}": it is one argument too many.${hint}`,
      chosen.path,
    );
  }
  const nearest = nearestCommand(word, chosen);
  const meant = nearest ? `Did you mean ${nearest}?` : `There are ${namesOf(chosen)}.`;
  return new UsageError(`${subject} no command "${word}". ${meant}`, chosen.path);
}
