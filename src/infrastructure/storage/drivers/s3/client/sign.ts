import aws4 from 'aws4';
import { createHash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import type { Credentials } from './credentials.js';

/** What a signature is over, all but the bytes. */
export interface Signable {
  readonly method: string;
  /** The header `Host`. */
  readonly host: string;
  /** Encoded. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Those that take part. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface Signing {
  readonly region: string;
  readonly credentials: Credentials;
  /** ms of Unix time; a store refuses what differs from its own clock by more than 15 minutes. */
  readonly date: number;
}

export const UNSIGNED = 'UNSIGNED-PAYLOAD';
const EMPTY = createHash('sha256').digest('hex');
/** Hashed at one go, about half a millisecond. */
const SLICE = 512 * 1024;

/**
 * A request signed by version 4 in its headers.
 * @param payload the SHA-256 of the body in hex, or UNSIGNED
 */
export function signHeaders(
  request: Signable,
  payload: string,
  signing: Signing,
): { readonly path: string; readonly headers: Readonly<Record<string, string>> } {
  const headers = {
    ...request.headers,
    host: request.host,
    'x-amz-content-sha256': payload,
    'x-amz-date': dateText(signing.date),
  };
  const signed = aws4.sign({ ...signable(request, signing), headers }, keys(signing.credentials));
  return { path: String(signed.path), headers: signed.headers as Record<string, string> };
}

/**
 * The path of a request that is signed in its query, and so can be sent by anybody until it expires.
 * @param seconds from the date of the signature; at most 604,800
 */
export function presign(request: Signable, seconds: number, signing: Signing): string {
  const query = {
    ...request.query,
    'X-Amz-Date': dateText(signing.date),
    'X-Amz-Expires': String(seconds),
  };
  const headers = { ...request.headers, host: request.host };
  const unsigned = { ...signable({ ...request, query }, signing), headers, signQuery: true };
  return String(aws4.sign(unsigned, keys(signing.credentials)).path);
}

/** SHA-256 in hex; long ones let others have their turn. */
export async function payloadHash(content: readonly Uint8Array[]): Promise<string> {
  if (content.length === 0) return EMPTY;
  const hash = createHash('sha256');
  let sinceTurn = 0;
  for (const chunk of content) {
    for (let from = 0; from < chunk.length; from += SLICE) {
      if (sinceTurn >= SLICE) {
        await turn();
        sinceTurn = 0;
      }
      const slice = chunk.subarray(from, from + SLICE);
      hash.update(slice);
      sinceTurn += slice.length;
    }
  }
  return hash.digest('hex');
}

function signable({ method, path, query }: Signable, { region }: Signing) {
  const search = new URLSearchParams(query).toString();
  return { service: 's3', region, method, path: search === '' ? path : `${path}?${search}` };
}

function keys({ accessKeyId, secretAccessKey, sessionToken }: Credentials) {
  return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
}

/** `20261129T120000Z` */
function dateText(date: number): string {
  return new Date(date).toISOString().replace(/[-:]|\.\d{3}/g, '');
}
