import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { TextSink } from '../output/terminal.js';
import type { PasswordInput } from './password-input.js';

/** Bytes of the standard input that are read at most: more is no password. */
const MOST_BYTES = 64 * 1024;

type Input = NodeJS.ReadableStream & { readonly isTTY?: boolean };

/** Passwords from the terminal, or the standard input, of this process. */
export class ProcessPasswordInput implements PasswordInput {
  readonly #input: () => Input;
  readonly #output: TextSink;

  /**
   * @param input made when it is first asked for: most commands read nothing
   * @param output where questions are written
   */
  constructor(input: () => Input, output: TextSink) {
    this.#input = input;
    this.#output = output;
  }

  get interactive(): boolean {
    return this.#input().isTTY ?? false;
  }

  async ask(question: string): Promise<string | undefined> {
    const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
    const lines = createInterface({ input: this.#input(), output: nowhere, terminal: true, historySize: 0 });
    // Only now nothing is shown of what is typed.
    this.#output.write(question);
    try {
      return await new Promise((resolve) => {
        lines.once('line', resolve);
        lines.once('close', () => resolve(undefined));
        // Ctrl-C.
        lines.once('SIGINT', () => resolve(undefined));
      });
    } finally {
      lines.close();
      this.#output.write('\n');
    }
  }

  async read(): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of this.#input() as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > MOST_BYTES) break;
    }
    const bytes = Buffer.concat(chunks);
    const end = bytes.at(-1) === 0x0a ? (bytes.at(-2) === 0x0d ? -2 : -1) : bytes.length;
    return bytes.subarray(0, end);
  }
}
