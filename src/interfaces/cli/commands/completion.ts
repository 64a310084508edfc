import type { Command, CommandArguments } from '../command.js';
import type { Terminal } from '../output/terminal.js';

/** How a shell starts this program. */
export interface Invocation {
  /** The word that is completed: `stowage`. */
  readonly program: string;
  /** The words that run it, so that completion works for an alias too: node and the path of the entry point. */
  readonly words: readonly string[];
}

const SHELLS = ['bash', 'zsh'] as const;

/** Prints the script that makes a shell complete commands and options. */
export class CompletionCommand implements Command {
  readonly name = 'completion';
  readonly summary = 'Print a script that makes bash or zsh complete commands and options';
  readonly arguments = [
    { name: 'shell', describe: 'The shell to make it for', required: true, choices: SHELLS },
  ] as const;
  readonly options = {};
  readonly examples = [
    ['completion bash >> ~/.bashrc', 'Complete in every new bash'],
    ['completion zsh >> ~/.zshrc', 'The same for zsh'],
  ] as const;

  readonly #invocation: Invocation;
  readonly #terminal: Terminal;

  constructor(invocation: Invocation, terminal: Terminal) {
    this.#invocation = invocation;
    this.#terminal = terminal;
  }

  run(args: CommandArguments): Promise<number> {
    const words = this.#invocation.words.map(quoted).join(' ');
    const script = args['shell'] === 'zsh' ? zshScript : bashScript;
    this.#terminal.stdout.write(script(this.#invocation.program, words));
    return Promise.resolve(0);
  }
}

// SHELL tells the answering side whether the shell can show descriptions.

function bashScript(program: string, words: string): string {
  return `_${program}_complete() {
  local found
  found=$(SHELL=bash ${words} --get-yargs-completions "\${COMP_WORDS[@]}" 2>/dev/null)
  COMPREPLY=($(compgen -W "$found" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _${program}_complete ${program}
`;
}

function zshScript(program: string, words: string): string {
  return `_${program}() {
  local -a found
  found=("\${(@f)$(SHELL=zsh ${words} --get-yargs-completions "\${words[@]}" 2>/dev/null)}")
  if [[ -n "\${found[1]}" ]]; then _describe 'values' found; else _files; fi
}
compdef _${program} ${program}
`;
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
