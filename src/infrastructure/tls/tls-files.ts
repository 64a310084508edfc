import { stat } from 'node:fs/promises';
import type { TlsConfig } from '../config/config.js';
import { fileState } from '../system/file-state.js';
import { readTlsFiles, type TlsMaterial } from './read-tls-files.js';

/** The files of `http.tls`, and what of them is in force. */
export class TlsFiles {
  #config: TlsConfig;
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
   * Reads the files, perhaps others than before.
   * @returns what puts them in force
   * @throws TlsFileRefused: what was in force stays so
   */
  async prepare(config: TlsConfig): Promise<() => TlsMaterial> {
    const read = await looks(config);
    const material = await readTlsFiles(config);
    return () => {
      this.#config = config;
      this.#read = read;
      this.#seen = read;
      this.#inForce = material;
      return material;
    };
  }

  /**
   * Looks whether the files have changed, and reads them when they look the same as at the call before: certificate and
   * key are two files, and between the writing of both they do not fit.
   * @returns what is in force from now on; undefined when nothing has changed
   * @throws TlsFileRefused once for each change that cannot be used: what was in force stays so
   */
  async reread(): Promise<TlsMaterial | undefined> {
    const config = this.#config;
    const now = await looks(config);
    const isSettled = now === this.#seen;
    this.#seen = now;
    if (!isSettled || now === this.#read) return undefined;
    this.#read = now;
    const accept = await this.prepare(config);
    // Meanwhile others may have been named, and read.
    return config === this.#config ? accept() : undefined;
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
