/** A host and a port to connect to, and how they were written. */
export interface TcpAddress {
  readonly written: string;
  readonly host: string;
  readonly port: number;
}

interface Watched {
  /** Milliseconds between two looks. */
  readonly interval: number;
  /** Looks that must fail one after the other; 0 counts as 1. */
  readonly threshold: number;
}

/** A file that means trouble as long as it is there. */
export interface FileCheck extends Watched {
  readonly file: string;
}

/** Another service, asked by HEAD. */
export interface HttpCheck extends Watched {
  readonly uri: string;
  /** Of the request: names with their values. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  /** The status that means health. */
  readonly statuscode: number;
  /** Milliseconds for the whole look, redirects included. */
  readonly timeout: number;
}

/** Another service that takes connections. */
export interface TcpCheck extends Watched {
  readonly addr: TcpAddress;
  /** Milliseconds. */
  readonly timeout: number;
}

/** The values of the keys below `health`. */
export interface HealthConfig {
  readonly storagedriver: Watched & { readonly enabled: boolean };
  readonly file: readonly FileCheck[];
  readonly http: readonly HttpCheck[];
  readonly tcp: readonly TcpCheck[];
}
