import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBasic } from '../../../src/infrastructure/security/basic-credentials.js';

const encoded = (text: string | Uint8Array): string => Buffer.from(text).toString('base64');

describe('parseBasic', () => {
  it('reads user and password, the password with all its colons and bytes', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 1 }).filter((user) => !user.includes(':')),
        fc.uint8Array(),
        fc.constantFrom('Basic ', 'basic ', 'BASIC   '),
        (user, password, scheme) => {
          const header = scheme + encoded(Buffer.concat([Buffer.from(`${user}:`), password]));
          const read = parseBasic(header);
          expect(read?.user).toBe(Buffer.from(user).toString());
          expect(read?.password.equals(password)).toBe(true);
        },
      ),
    );
  });

  it('never throws, and takes nothing for credentials that has none', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.base64String().map((text) => `Basic ${text}`),
        ),
        (header) => {
          const read = parseBasic(header);
          if (read !== undefined) expect(header).toMatch(/^\s*basic /i);
        },
      ),
    );
  });

  it.each([
    undefined,
    '',
    'Basic',
    'Basic ',
    'Bearer eyJ',
    `Bearer ${encoded('a:b')}`,
    `Basic ${encoded('no colon')}`,
    `Basic ${encoded(':no user')}`,
    `Basic ${encoded('a:b')} more`,
    `Basic ${encoded('a:b')}, Basic ${encoded('a:b')}`,
    'Basic a:b',
    `Basic ${'A'.repeat(30_000)}`,
  ])('finds none in %s', (header) => {
    expect(parseBasic(header)).toBeUndefined();
  });
});
