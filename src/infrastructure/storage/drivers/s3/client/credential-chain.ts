import { StorageFault } from '../../../../../application/ports/storage/storage-fault.js';
import type { CredentialSource, Credentials } from './credentials.js';

/** Finds credentials; each call looks anew. */
export type CredentialProvider = () => Promise<Credentials>;

/** So long before they expire new ones are looked for, and the old ones still used. */
const EARLY = 5 * 60_000;
/** So long before they expire nobody is given the old ones any more: a request has to arrive, too. */
const LATE = 30_000;

/**
 * The chain of the AWS SDK: environment, shared files, web identity, container and instance. Its package is loaded when
 * the first credentials are asked for, and by nobody who has keys in the configuration.
 */
export class CredentialChain implements CredentialSource {
  readonly #makeProvider: () => Promise<CredentialProvider>;
  readonly #now: () => number;
  #provider: Promise<CredentialProvider> | undefined;
  #current: Credentials | undefined;
  #looking: Promise<Credentials> | undefined;

  constructor(makeProvider: () => Promise<CredentialProvider>, now: () => number = Date.now) {
    this.#makeProvider = makeProvider;
    this.#now = now;
  }

  async get(): Promise<Credentials> {
    const current = this.#current;
    if (current === undefined || this.#remaining(current) < LATE) return this.#look();
    if (this.#remaining(current) < EARLY) {
      // Failing now is no fault yet: the next request looks again, and the last ones wait for it and are told.
      this.#look().catch(() => undefined);
    }
    return current;
  }

  forget(): boolean {
    this.#current = undefined;
    return true;
  }

  #remaining({ expiration }: Credentials): number {
    return expiration === undefined ? Infinity : expiration.getTime() - this.#now();
  }

  /** One look for everybody who asks meanwhile. */
  async #look(): Promise<Credentials> {
    this.#looking ??= this.#find().finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  async #find(): Promise<Credentials> {
    try {
      this.#provider ??= this.#makeProvider();
      const provider = await this.#provider;
      this.#current = await provider();
      return this.#current;
    } catch (error) {
      this.#provider = undefined;
      const why = error instanceof Error ? error.message : String(error);
      throw new StorageFault(
        'unavailable',
        'There are no credentials for S3: set storage.s3.accesskey and storage.s3.secretkey, or give them in one of ' +
          `the ways of the AWS SDK (${why}).`,
        error,
      );
    }
  }
}

/** @param region where temporary credentials are asked for */
export async function awsProviderChain(region: string): Promise<CredentialProvider> {
  const { fromNodeProviderChain } = await import('@aws-sdk/credential-providers');
  return fromNodeProviderChain({ clientConfig: { region } });
}
