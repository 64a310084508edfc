import type { Digest } from '../../../domain/content/digest.js';
import type { RepositoryName } from '../../../domain/repository/repository-name.js';
import type { UploadId } from '../../../domain/upload/upload-id.js';

/** The parameter that carries a session's offset in its Location, so that a repeated request is recognised. */
export const OFFSET_PARAMETER = '_offset';

/** `0-<last byte>` of what a session has. For an empty one `0-0`, as every registry says and clients expect. */
export function uploadRange(offset: number): string {
  return `0-${Math.max(offset - 1, 0)}`;
}

/**
 * Where the registry is for its clients: the paths it answers, and the URLs in its answers. These have no host unless
 * one is configured: no header of a request is trusted to say where the registry is.
 */
export class Locations {
  /** What the path of the protocol's `/v2/` begins with: nothing, or `/registry`. */
  readonly #mount: string;
  /** The same in URLs: `https://registry.example.com`. */
  readonly #base: string;
  readonly #hasHost: boolean;

  /**
   * @param prefix of paths, with a slash at both ends
   * @param host what URLs begin with instead, with a slash at its end
   */
  constructor({ prefix, host }: { readonly prefix: string; readonly host: string | undefined }) {
    this.#mount = prefix.slice(0, -1);
    this.#base = (host ?? prefix).slice(0, -1);
    this.#hasHost = host !== undefined;
  }

  /** The path where the protocol begins. */
  get begin(): string {
    return `${this.#mount}/v2/`;
  }

  /** A path of the protocol as the specification writes it, of one that was asked for. Undefined: it is none. */
  pathOf(asked: string): string | undefined {
    if (this.#mount === '') return asked;
    return asked.startsWith(`${this.#mount}/`) ? asked.slice(this.#mount.length) : undefined;
  }

  /**
   * What stands before `/v2/` in a URL that others than the client can follow.
   * @param asked gives scheme and host where none are configured
   */
  absoluteBase(asked: () => string): string {
    return this.#hasHost ? this.#base : `${asked()}${this.#base}`;
  }

  blob(repository: RepositoryName, digest: Digest): string {
    return `${this.#base}/v2/${repository.toString()}/blobs/${digest.toString()}`;
  }

  manifest(repository: RepositoryName, digest: Digest): string {
    return `${this.#base}/v2/${repository.toString()}/manifests/${digest.toString()}`;
  }

  upload(repository: RepositoryName, id: UploadId, offset: number): string {
    return `${this.#base}/v2/${repository.toString()}/blobs/uploads/${id.toString()}?${OFFSET_PARAMETER}=${offset}`;
  }

  /**
   * A Link to the next page of a list (RFC 8288): the same path with other parameters.
   * @param path as the specification writes it
   */
  nextLink(path: string, parameters: Readonly<Record<string, string | readonly string[]>>): string {
    const query = new URLSearchParams();
    for (const [name, values] of Object.entries(parameters)) {
      for (const value of typeof values === 'string' ? [values] : values) query.append(name, value);
    }
    return `<${this.#base}${path}?${query.toString()}>; rel="next"`;
  }
}
