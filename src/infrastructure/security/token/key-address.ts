import type { Clock } from '../../../application/ports/system/clock.js';
import type { Logger } from '../../../application/ports/system/logger.js';
import { KeyMaterialRefused } from './key-material-refused.js';
import type { KeySource, Occasion } from './key-source.js';
import { PacedLook } from '../paced-look.js';

const TEN_MINUTES = 600_000;
const HALF_A_MINUTE = 30_000;
/** ms between two fetches as long as there is nothing. */
const PACE_WITHOUT = 5_000;
const PATIENCE = 5_000;
/** Bytes. Key sets have a few thousand. */
const LONGEST = 1024 * 1024;

/** Keys behind a URL. They are fetched at once, and again when a request comes and it is time; nothing runs by itself. */
export class KeyAddress<T> implements KeySource<T> {
  readonly #url: string;
  readonly #parse: (text: string) => T;
  readonly #logger: Logger;
  readonly #look: PacedLook;
  #value: T | undefined;
  #failed = false;

  /** @param parse throws KeyMaterialRefused */
  constructor(url: string, parse: (text: string) => T, clock: Clock, logger: Logger) {
    this.#url = url;
    this.#parse = parse;
    this.#logger = logger;
    this.#look = new PacedLook(() => this.#fetch(), clock);
    void this.#look.unlessWithin(0);
  }

  get value(): T | undefined {
    return this.#value;
  }

  /** Who comes because it is time does not wait, as long as there are keys. */
  look(occasion: Occasion): Promise<void> | undefined {
    if (this.#value === undefined) return this.#look.unlessWithin(PACE_WITHOUT);
    if (occasion === 'unknown key') return this.#look.unlessWithin(HALF_A_MINUTE);
    void this.#look.unlessWithin(TEN_MINUTES);
    return undefined;
  }

  async #fetch(): Promise<void> {
    try {
      this.#value = this.#parse(await read(this.#url));
    } catch (error) {
      this.#tellOfFailure(reasonOf(error));
      return;
    }
    if (this.#failed) this.#logger.info('keys of tokens can be fetched again', { url: this.#url });
    this.#failed = false;
  }

  /** Once, until it works again. */
  #tellOfFailure(reason: string): void {
    if (this.#failed) return;
    this.#failed = true;
    const fields = { setting: 'auth.token.jwks', url: this.#url, reason };
    if (this.#value !== undefined) {
      this.#logger.error('keys of tokens can not be fetched; those from before stay in force', fields);
    } else {
      this.#logger.warn(
        'keys of tokens can not be fetched; until then their tokens are answered 503',
        fields,
      );
    }
  }
}

/** @throws KeyMaterialRefused; whatever fetch throws */
async function read(url: string): Promise<string> {
  const response = await fetch(url, {
    headers: { accept: 'application/jwk-set+json, application/json' },
    redirect: 'error',
    signal: AbortSignal.timeout(PATIENCE),
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new KeyMaterialRefused(`answers ${response.status}`);
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > LONGEST) throw new KeyMaterialRefused(`sends more than ${LONGEST} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** Fetch wraps what went wrong on the wire into a TypeError of its own. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
