/** A key to the store, for as long as it is good. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
  readonly expiration?: Date | undefined;
}

/** Gives credentials that are good at this moment. */
export interface CredentialSource {
  /** Rejects with StorageFault, and one sentence, when there are none. */
  get(): Promise<Credentials>;
  /** The store has refused them as expired. @returns whether `get` may find others */
  forget(): boolean;
}

/** The keys of the configuration. */
export class StaticCredentials implements CredentialSource {
  readonly #credentials: Credentials;

  constructor(credentials: Credentials) {
    this.#credentials = credentials;
  }

  async get(): Promise<Credentials> {
    return Promise.resolve(this.#credentials);
  }

  forget(): boolean {
    return false;
  }
}
