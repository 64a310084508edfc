import { stat } from 'node:fs/promises';
import type { TlsConfig } from '../config/config.js';
import { fileState } from '../system/file-state.js';
import { readTlsFiles, type TlsMaterial } from './read-tls-files.js';

/** The files of `http.tls`, and what of them is in force. */
export class TlsFiles {
  readonly #config: TlsConfig;
  #inForce: TlsMaterial;
  /** How the files looked when they were last read, whether they could be used or not. */
  #read: string;
  #seen: string;

  private constructor(config: TlsConfig, inForce: TlsMaterial, read: string) {
    this.#config = config;
    this.#inForce = inForce;
    this.#read = read;
    this.#seen = read;
  }

  /** @throws TlsFileRefused */
  static async load(config: TlsConfig): Promise<TlsFiles> {
    const read = await looks(config);
    return new TlsFiles(config, await readTlsFiles(config), read);
  }

  get inForce(): TlsMaterial {
    return this.#inForce;
  }

  /**
   * Looks whether the files have changed, and reads them when they look the same as at the call before: certificate and
   * key are two files, and between the writing of both they do not fit.
   * @returns what is in force from now on; undefined when nothing has changed
   * @throws TlsFileRefused once for each change that cannot be used: what was in force stays so
   */
  async reread(): Promise<TlsMaterial | undefined> {
    const now = await looks(this.#config);
    const isSettled = now === this.#seen;
    this.#seen = now;
    if (!isSettled || now === this.#read) return undefined;
    this.#read = now;
    this.#inForce = await readTlsFiles(this.#config);
    return this.#inForce;
  }
}

async function looks({ certificate, key, clientcas }: TlsConfig): Promise<string> {
  return (await Promise.all([certificate, key, ...clientcas].map(look))).join(' ');
}

async function look(file: string): Promise<string> {
  try {
    return fileState(await stat(file, { bigint: true }));
  } catch (error) {
    // A look like any other: the reading that follows says what is wrong.
    return String((error as NodeJS.ErrnoException).code);
  }
}
