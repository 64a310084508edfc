import { hash } from 'node:crypto';
import type { DigestAlgorithm } from '../../../domain/content/digest.js';
import type { RepositoryName } from '../../../domain/repository/repository-name.js';
import { UploadId } from '../../../domain/upload/upload-id.js';
import { REMEMBERED } from '../../../domain/upload/upload-session.js';

/** What the id of a session says of it. */
interface BegunUpload {
  readonly algorithm: DigestAlgorithm;
  /** Unix time, ms. */
  readonly begunAt: number;
}

/** By the digit of the variant (RFC 9562 4.1), whose two free bits tell the algorithm. */
const ALGORITHMS: ReadonlyMap<string, DigestAlgorithm> = new Map([
  ['8', 'sha256'],
  ['9', 'sha512'],
]);
const VARIANTS = new Map([...ALGORITHMS].map(([digit, algorithm]) => [algorithm, digit]));
const VERSION = '7';
/** Places in a UUID's text. */
const [AT_VERSION, AT_VARIANT, AT_SEAL] = [14, 19, 28];
/** Hexadecimal digits of the time. */
const TIME = 12;

/**
 * Ids of upload sessions, UUIDs of version 7 (RFC 9562 5.7): the time, 40 random bits, and a seal of 32 bits over them and
 * the repository. So a session to which nothing was sent needs no row: its id tells everybody who has the database that
 * it was given out, for what and when. Nobody gains by inventing one: whoever may push may also begin.
 */
export class BegunUploadIds {
  readonly #key: string;

  /** @param key of the database, in hexadecimal, the same for every process that uses it */
  constructor(key: string) {
    this.#key = key;
  }

  /** @param random where the random bits come from */
  issue(random: UploadId, repository: RepositoryName, { algorithm, begunAt }: BegunUpload): UploadId {
    const time = begunAt.toString(16).padStart(TIME, '0');
    const text = random.toString();
    const open =
      `${time.slice(0, 8)}-${time.slice(8)}-${VERSION}${text.slice(AT_VERSION + 1, AT_VARIANT)}` +
      `${VARIANTS.get(algorithm) ?? ''}${text.slice(AT_VARIANT + 1, AT_SEAL)}`;
    return UploadId.fromUuid(open + this.#seal(open, repository));
  }

  /** Undefined when it was not given out for the repository, or so long ago that it may have ended since. */
  read(id: UploadId, repository: RepositoryName, now: number): BegunUpload | undefined {
    const text = id.toString();
    const algorithm = ALGORITHMS.get(text.charAt(AT_VARIANT));
    if (algorithm === undefined || !this.isRecent(id, now)) return undefined;
    if (text.slice(AT_SEAL) !== this.#seal(text.slice(0, AT_SEAL), repository)) return undefined;
    return { algorithm, begunAt: timeOf(text) };
  }

  /** Whether it may be one that `read` would know, of whatever repository. */
  isRecent(id: UploadId, now: number): boolean {
    const text = id.toString();
    return text.charAt(AT_VERSION) === VERSION && Math.abs(now - timeOf(text)) <= REMEMBERED;
  }

  #seal(open: string, repository: RepositoryName): string {
    // What shows 32 bits of a digest can not be extended, so it needs no HMAC, which costs several times as much.
    return hash('sha256', `${this.#key} ${open} ${repository.toString()}`).slice(0, 36 - AT_SEAL);
  }
}

function timeOf(text: string): number {
  return Number.parseInt(text.slice(0, 8) + text.slice(9, 13), 16);
}
