import { Digest, isDigestAlgorithm } from '../../../domain/content/digest.js';

/** What a link file says: the digest, or what is wrong with it. */
export type StoredLink = Digest | { readonly reason: string };

/** @param content of a link file, which is a digest and nothing else */
export function parseStoredLink(content: Uint8Array): StoredLink {
  const text = Buffer.from(content).toString('latin1');
  if (text === '') return { reason: 'is empty' };
  return parseDigest(text) ?? { reason: reasonFor(text) };
}

/** Undefined when it is none. */
export function parseDigest(text: string): Digest | undefined {
  return isExact(text) ? Digest.parse(text) : undefined;
}

const ANYWHERE = /sha(?:256:[0-9a-f]{64}|512:[0-9a-f]{128})/gi;
const ESCAPE = /\\u([0-9a-f]{4})/gi;

/**
 * Every digest that bytes mention, whatever else they are: a link, a manifest, or what is left of one. As text in lower
 * case.
 */
export function mentionedDigests(content: Uint8Array): readonly string[] {
  const text = Buffer.from(content.buffer, content.byteOffset, content.length).toString('latin1');
  // JSON may write any character by its number.
  const plain = text.includes('\\u')
    ? text.replace(ESCAPE, (_escape, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    : text;
  return [...new Set(Array.from(plain.matchAll(ANYWHERE), ([digest]) => digest.toLowerCase()))];
}

const EXACT = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

function isExact(text: string): boolean {
  return EXACT.test(text) && !text.endsWith('\n');
}

function reasonFor(text: string): string {
  if (isExact(text.toLowerCase())) return 'names a digest in upper case';
  const [algorithm = '', hex = ''] = text.split(':', 2);
  const isBeginning = isDigestAlgorithm(algorithm)
    ? /^[0-9a-f]*$/.test(hex) && hex.length < (algorithm === 'sha256' ? 64 : 128)
    : !text.includes(':') && ['sha256', 'sha512'].some((known) => known.startsWith(text));
  return isBeginning ? 'is cut off' : 'names no digest';
}
