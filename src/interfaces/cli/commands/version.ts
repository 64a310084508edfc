import type { Command } from '../command.js';
import type { Terminal } from '../output/terminal.js';

/** Prints the name and the version. */
export class VersionCommand implements Command {
  readonly name = 'version';
  readonly summary = 'Print the version';
  readonly options = {};
  readonly examples = [['version', 'The same as --version']] as const;

  readonly #version: string;
  readonly #terminal: Terminal;

  constructor(about: { readonly version: string }, terminal: Terminal) {
    this.#version = about.version;
    this.#terminal = terminal;
  }

  run(): Promise<number> {
    this.#terminal.stdout.write(`stowage ${this.#version}\n`);
    return Promise.resolve(0);
  }
}
