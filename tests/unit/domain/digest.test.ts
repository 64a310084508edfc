import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Digest, DigestInvalid } from '../../../src/domain/content/digest.js';

describe('Digest', () => {
  it('is the text it was parsed from, for every content and algorithm', () => {
    fc.assert(
      fc.property(
        fc.uint8Array(),
        fc.constantFrom('sha256' as const, 'sha512' as const),
        (bytes, algorithm) => {
          const text = `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
          expect(Digest.parse(text).toString()).toBe(text);
          expect(Digest.of(algorithm, bytes).equals(Digest.parse(text))).toBe(true);
        },
      ),
    );
  });

  it.each([
    ['no colon', 'sha256'],
    ['empty', ''],
    ['no algorithm', `:${'a'.repeat(64)}`],
    ['upper-case hex', `sha256:${'A'.repeat(64)}`],
    ['too short', `sha256:${'a'.repeat(63)}`],
    ['too long', `sha256:${'a'.repeat(65)}`],
    ['sha512 with the length of sha256', `sha512:${'a'.repeat(64)}`],
    ['an algorithm that is not stored', `blake3:${'a'.repeat(64)}`],
    ['a path', 'sha256:../../../../etc/passwd'],
    ['a line break behind it', `sha256:${'a'.repeat(64)}\n`],
  ])('refuses %s', (_what, text) => {
    expect(() => Digest.parse(text)).toThrow(DigestInvalid);
  });

  it('says of an unknown algorithm which ones are known', () => {
    expect(() => Digest.parse(`blake3:${'a'.repeat(64)}`)).toThrow(/use sha256 or sha512/);
  });
});
