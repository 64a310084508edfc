import type { Ended } from '../../support/run-program.js';
import type { Needs } from '../../support/tools.js';
import { REGISTRY, type Credentials } from './guarded-registry.js';

/** Of every image that is pushed; also a version, for charts. */
export const TAG = '1.0.0';

/** A client as somebody at its command line uses it. */
export interface SigningClient {
  /** Replaces earlier credentials. */
  login(credentials: Credentials): Promise<Ended>;
  logout(): Promise<Ended>;
  /** Sends an image to `<repository>:TAG`. */
  push(repository: string): Promise<Ended>;
  /** Brings what is there, and knows nothing of it before. */
  pull(repository: string): Promise<Ended>;
  /** The digest of the manifest that the last push has sent; undefined where the client does not say it. */
  pushed(): Promise<string | undefined>;
  /** And of the one that the last pull has brought. */
  pulled(): Promise<string>;
  /** Ends what it has started. */
  stop?(): Promise<void>;
}

/** What a client works with. */
export interface ClientPlace {
  /** A folder of its own. */
  readonly folder: string;
  /** With which it finds the registry and trusts it. */
  readonly env: Readonly<Record<string, string>>;
  /** The layout of busybox:1, see `ensureImages`. */
  readonly layout: string;
}

export interface ClientKind {
  readonly name: string;
  readonly needs: Needs;
  /** Its exit code when it is refused. */
  readonly refused: number;
  /** `login`: it asks the registry. `use`: credentials are only kept, and a wrong password is found out by the first use. */
  readonly triedAt: 'login' | 'use';
  start(place: ClientPlace): Promise<SigningClient>;
}

export const imageOf = (repository: string): string => `${REGISTRY}/${repository}:${TAG}`;
