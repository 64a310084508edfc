import type { X509Certificate } from 'node:crypto';
import type { Clock } from '../../../application/ports/system/clock.js';
import type { Logger } from '../../../application/ports/system/logger.js';
import { KeyAddress } from './key-address.js';
import { KeyFile, type KeyPlace, readKeyFile } from './key-file.js';
import type { KeySource, Occasion } from './key-source.js';
import { readCertificates } from './read-certificates.js';
import { readKeySet } from './read-key-set.js';
import { isAddress, type TokenOptions } from './token-options.js';
import { idsOf, type TrustedKey } from './trusted-key.js';
import { TrustedKeys } from './trusted-keys.js';

const bundleAt = (path: string): KeyPlace => ({ setting: 'auth.token.rootcertbundle', path });
const setAt = (path: string): KeyPlace => ({ setting: 'auth.token.jwks', path });

/**
 * Reads each file with keys by itself; addresses are not asked.
 * @returns a promise for each; those of files that cannot be used reject with NamedFileRefused
 */
export function readEachKeyFile({ rootcertbundle, jwks }: TokenOptions): readonly Promise<unknown>[] {
  const works: Promise<unknown>[] = [];
  if (rootcertbundle !== undefined) works.push(tried(bundleAt(rootcertbundle), readCertificates));
  if (jwks !== undefined && !isAddress(jwks)) works.push(tried(setAt(jwks), readKeySet));
  return works;
}

async function tried(place: KeyPlace, parse: (text: string) => unknown): Promise<void> {
  readKeyFile(place, parse);
}

/** The keys of `rootcertbundle` and `jwks`, as they are now. */
export class TokenKeys {
  readonly #certificates: KeySource<readonly X509Certificate[]> | undefined;
  readonly #set: KeySource<readonly TrustedKey[]> | undefined;
  readonly #jwks: string | undefined;
  #madeOf: readonly unknown[] = [];
  #current = new TrustedKeys([], []);

  /**
   * @param former what they take the place of: keys that it has fetched from the same address are kept
   * @throws NamedFileRefused when a file is missing or broken
   */
  constructor({ rootcertbundle, jwks }: TokenOptions, clock: Clock, logger: Logger, former?: TokenKeys) {
    this.#jwks = jwks;
    if (rootcertbundle !== undefined) {
      this.#certificates = new KeyFile(bundleAt(rootcertbundle), readCertificates, clock, logger);
    }
    if (jwks === undefined) return;
    if (!isAddress(jwks)) this.#set = new KeyFile(setAt(jwks), readKeySet, clock, logger);
    else if (former !== undefined && former.#jwks === jwks) this.#set = former.#set;
    else this.#set = new KeyAddress(jwks, readKeySet, clock, logger);
  }

  /** Stays the same object until keys are read anew. */
  get current(): TrustedKeys {
    const [certificates, set] = [this.#certificates?.value, this.#set?.value];
    if (certificates !== this.#madeOf[0] || set !== this.#madeOf[1]) {
      this.#madeOf = [certificates, set];
      const signers = (certificates ?? []).map(({ publicKey: key }) => ({ key, ids: idsOf(key) }));
      this.#current = new TrustedKeys(certificates ?? [], [...signers, ...(set ?? [])]);
    }
    return this.#current;
  }

  /** Whether every source has given its keys once. */
  get isWhole(): boolean {
    return this.#set === undefined || this.#set.value !== undefined;
  }

  /** Looks at the sources anew where it is due. @returns undefined when there is nothing to wait for */
  look(occasion: Occasion): Promise<unknown> | undefined {
    const [one, other] = [this.#certificates?.look(occasion), this.#set?.look(occasion)];
    return one !== undefined && other !== undefined ? Promise.all([one, other]) : (one ?? other);
  }
}
