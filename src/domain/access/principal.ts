import type { Access } from './access.js';

/** Who asks, and what he may do. */
export interface Principal {
  /** As he signed in; undefined: without a name. */
  readonly name: string | undefined;
  may(access: Access): boolean;
}

/** Whoever asks where nobody has to sign in. */
export const ANYBODY: Principal = { name: undefined, may: () => true };
