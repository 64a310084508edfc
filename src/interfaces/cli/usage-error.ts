import { nearestWord } from '../../application/services/nearest-word.js';
import type { Command, CommandGroup } from './command.js';

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
  readonly commands: readonly string[];
  /** What the argument can be, where it is one of a few words. */
  readonly choices?: readonly string[];
}

function chosenCommand(argv: readonly string[], commands: readonly (Command | CommandGroup)[]): Chosen {
  const words = argv.filter((word) => !word.startsWith('-'));
  const at = words.findIndex((word) => commands.some(({ name }) => name === word));
  const top = commands.find(({ name }) => name === words[at]);
  if (top === undefined)
    return { path: '', options: COMMON_OPTIONS, commands: commands.map(({ name }) => name) };
  if (!('commands' in top)) return leaf(top.name, top);
  const inner = top.commands.find(({ name }) => name === words[at + 1]);
  if (inner !== undefined) return leaf(`${top.name} ${inner.name}`, inner);
  return { path: top.name, options: COMMON_OPTIONS, commands: top.commands.map(({ name }) => name) };
}

function leaf(path: string, command: Command): Chosen {
  const options = [...Object.keys(command.options), ...COMMON_OPTIONS];
  const choices = command.argument?.choices;
  return { path, options, commands: [], ...(choices && { choices }) };
}

function missingWord(argv: readonly string[], chosen: Chosen): UsageError {
  // An option in front of no command: yargs misses the command first, its user the option.
  const option = argv
    .map((word) => word.replace(/^-+|=.*$/g, ''))
    .find((word) => !chosen.options.includes(word));
  const commands = chosen.commands.join(', ');
  if (chosen.path === '') {
    return option ? unknownWord(option, argv, chosen) : new UsageError(`Name a command: ${commands}.`, '');
  }
  const argument = chosen.choices ? `an argument: ${chosen.choices.join(', ')}` : 'an argument';
  const what = `needs ${commands === '' ? argument : `a command: ${commands}`}.`;
  return new UsageError(`${chosen.path} ${what}`, chosen.path);
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
  if (chosen.commands.length === 0) {
    return new UsageError(
      `${chosen.path} does not know what to do with "${word}": it is one argument too many.`,
      chosen.path,
    );
  }
  const nearest = nearestWord(word, chosen.commands);
  const meant = nearest ? `Did you mean ${nearest}?` : `There are ${chosen.commands.join(', ')}.`;
  return new UsageError(`${subject} no command "${word}". ${meant}`, chosen.path);
}
