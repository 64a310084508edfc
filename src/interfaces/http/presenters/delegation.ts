import type { IncomingMessage } from 'node:http';
import type { LocalFile } from '../../../application/ports/storage/storage-driver.js';
import { SMALL_BLOB } from '../../../domain/content/blob.js';
import type { ByteRange } from '../../../domain/content/byte-range.js';
import type { ClientAddresses } from '../client-addresses.js';

/** A proxy would take them as being about its file, whose times and tag are not those of the content. */
const CONDITIONS = ['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since'] as const;
/** What everybody reads in the same way. */
const PLAIN_RANGE = /^bytes=\d{0,15}-\d{0,15}$/;

/** nginx would say it of its own errors as well: that a file can not be read would be kept for a year. */
const LASTING = 'Cache-Control';
/** nginx says it of what is whole, and would say it twice. */
const RANGES = 'Accept-Ranges';

/** The keys of `http.sendfile`. */
export type DelegationRules =
  | {
      readonly header: 'X-Accel-Redirect';
      /** The path below which the proxy has the storage's folder, with a slash at both ends. */
      readonly location: string;
    }
  | { readonly header: 'X-Sendfile' };

/** Lets the proxy before the registry send the bytes of a blob from its file, whole or a range of them. */
export class Delegation {
  readonly #rules: DelegationRules;
  readonly #clients: ClientAddresses;

  constructor(rules: DelegationRules, clients: ClientAddresses) {
    this.#rules = rules;
    this.#clients = clients;
  }

  /**
   * Whether the body is for the proxy: it must be one that is named, and must have nothing to decide.
   * @param range of a content of `size` bytes; undefined: all of it
   */
  applies(req: IncomingMessage, range: ByteRange | undefined, size: number): boolean {
    const { headers } = req;
    const length = range === undefined ? size : range.end - range.start + 1;
    if (length <= SMALL_BLOB || !this.#clients.isForwarded(req)) return false;
    // One that was not heeded here would be by the proxy.
    if (headers.range !== undefined && (range === undefined || !PLAIN_RANGE.test(headers.range)))
      return false;
    return CONDITIONS.every((name) => headers[name] === undefined);
  }

  /** Tells the proxy which file it is, beside what the client is told; both kinds decode the path. */
  headersFor({ root, path }: LocalFile, headers: readonly string[], isWhole: boolean): readonly string[] {
    const rules = this.#rules;
    if (rules.header === 'X-Accel-Redirect') {
      const passed = without(headers, isWhole ? [LASTING, RANGES] : [LASTING]);
      return [...passed, rules.header, rules.location + encoded(path)];
    }
    return [...headers, rules.header, encoded(root === '/' ? `/${path}` : `${root}/${path}`)];
  }
}

function without(headers: readonly string[], names: readonly string[]): readonly string[] {
  return headers.filter((_text, at) => !names.includes(headers[at - (at % 2)] ?? ''));
}

function encoded(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
