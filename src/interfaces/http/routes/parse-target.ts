/** The endpoints of the protocol, by what their path names. */
export type Endpoint = 'base' | 'catalog' | 'tags' | 'manifest' | 'blob' | 'uploads' | 'upload' | 'referrers';

/** A request's path, taken apart but not yet checked: `name` and `tail` are the client's text, decoded. */
export interface Target {
  readonly endpoint: Endpoint;
  /** The repository's name; empty for base and catalog. */
  readonly name: string;
  /** What stands behind the endpoint's word: a reference, a digest or an upload id. */
  readonly tail: string;
}

const SLASH = '/'.charCodeAt(0);
const BASE: Target = { endpoint: 'base', name: '', tail: '' };
const CATALOG: Target = { endpoint: 'catalog', name: '', tail: '' };

/**
 * Reads the path of a request from its end, since names may contain slashes and the very words of the endpoints.
 * Undefined when it is none of the protocol's.
 * @param path without query, as sent; a broken percent-encoding stays as it is, and no grammar then accepts it
 */
export function parseTarget(path: string): Target | undefined {
  const decoded = path.includes('%') ? decode(path) : path;
  if (decoded === '/v2/' || decoded === '/v2') return BASE;
  if (!decoded.startsWith('/v2/')) return undefined;
  if (decoded === '/v2/_catalog') return CATALOG;
  const last = lastSlash(decoded, decoded.length - 1);
  const before = lastSlash(decoded, last - 1);
  if (before < 3) return undefined;
  return match(decoded, decoded.slice(before + 1, last), decoded.slice(last + 1), before);
}

/** `lastIndexOf` leaves compiled code, and costs three times as much for a request. */
function lastSlash(path: string, from: number): number {
  let at = from;
  while (at >= 0 && path.charCodeAt(at) !== SLASH) at -= 1;
  return at;
}

function match(path: string, word: string, tail: string, before: number): Target | undefined {
  const name = path.slice('/v2/'.length, before);
  switch (word) {
    case 'manifests':
      return { endpoint: 'manifest', name, tail };
    case 'blobs':
      return { endpoint: tail === 'uploads' ? 'uploads' : 'blob', name, tail };
    case 'referrers':
      return { endpoint: 'referrers', name, tail };
    case 'tags':
      return tail === 'list' ? { endpoint: 'tags', name, tail } : undefined;
    case 'uploads':
      return upload(name, tail);
    default:
      return undefined;
  }
}

function upload(name: string, tail: string): Target | undefined {
  if (!name.endsWith('/blobs')) return undefined;
  const repository = name.slice(0, -'/blobs'.length);
  return { endpoint: tail === '' ? 'uploads' : 'upload', name: repository, tail };
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch (error) {
    if (error instanceof URIError) return path;
    throw error;
  }
}
