/** Where a password comes from: never from the words of a command line, which others on the machine can see. */
export interface PasswordInput {
  /** Whether somebody can be asked. */
  readonly interactive: boolean;
  /** Asks for it, and shows nothing of what is typed. Undefined: whoever was asked did not want to. */
  ask(question: string): Promise<string | undefined>;
  /** All of the standard input, without the line break at its end. */
  read(): Promise<Buffer>;
}
