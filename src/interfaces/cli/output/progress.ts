import type { Terminal } from './terminal.js';

/** Milliseconds between two states: on a terminal, and in a log. */
const ON_TERMINAL = 200;
const IN_LOG = 10_000;
const CLEAR_LINE = '\r\u001b[K';
const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/**
 * Says how far something long has come: on a terminal in one line that is written over, otherwise now and then in a
 * line of its own. It writes to stderr, so that results stay by themselves.
 */
export class Progress {
  readonly #terminal: Terminal;
  readonly #state: () => string;
  readonly #timer: NodeJS.Timeout;
  #frame = 0;

  /** @param state what is to be said, without a full stop */
  constructor(terminal: Terminal, state: () => string) {
    this.#terminal = terminal;
    this.#state = state;
    this.#timer = setInterval(() => this.#tell(), terminal.interactive ? ON_TERMINAL : IN_LOG);
    this.#timer.unref();
  }

  /** Nothing is written any more, and the line is free. */
  end(): void {
    clearInterval(this.#timer);
    if (this.#terminal.interactive && this.#frame > 0) this.#terminal.stderr.write(CLEAR_LINE);
  }

  /** Writes something else, which the line does not spoil. */
  besides(write: () => void): void {
    if (this.#terminal.interactive && this.#frame > 0) this.#terminal.stderr.write(CLEAR_LINE);
    write();
  }

  #tell(): void {
    const { interactive, stderr } = this.#terminal;
    if (!interactive) {
      stderr.write(`${this.#state()}\n`);
      return;
    }
    const sign = FRAMES[this.#frame % FRAMES.length] ?? '';
    this.#frame += 1;
    stderr.write(`${CLEAR_LINE}${sign} ${this.#state()}`);
  }
}
