import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineBroken, parseHtpasswd } from '../../../src/infrastructure/security/htpasswd/parse-htpasswd.js';

const HASH = `$2y$05$${'a'.repeat(53)}`;

describe('a file of users', () => {
  it('is read line by line, without comments, blanks, a mark of UTF-8 and carriage returns', () => {
    const text = `\ufeffalice:${HASH}\r\n\n  # bob:${HASH}\n \t carol:$2a$12$${'b'.repeat(53)}  \n#\nü:${HASH}`;
    const { users, doubts } = parseHtpasswd(text);
    expect([...users].map(([name, { cost }]) => [name, cost])).toEqual([
      ['alice', 5],
      ['carol', 12],
      ['ü', 5],
    ]);
    expect(doubts).toEqual([]);
  });

  it.each([
    [`alice:${HASH}\nbob\n`, 2, 'it has no colon: a line is <user>:<bcrypt hash>'],
    [`:${HASH}`, 1, 'it has no user in front of the colon'],
    [`\n\n  :x`, 3, 'it has no user in front of the colon'],
  ])('is refused for %j: line %i', (text, line, message) => {
    expect(() => parseHtpasswd(text)).toThrow(new LineBroken(line, message));
  });

  it.each([
    ['$apr1$cOpZ7b8p$8LqSz1vT9uKm0iG4zq2hT1', 'MD5 (apr1)'],
    ['{SHA}0DPiKuNIrrVmD8IUCuw1hQxNqZc=', 'SHA-1'],
    ['rqXexS6ZhobKA', 'crypt, not'],
    ['$1$abc$x', 'MD5 (crypt)'],
    ['$5$rounds=5000$x$y', 'SHA-256'],
    ['$6$x$y', 'SHA-512'],
    ['hunter2', 'is no hash of bcrypt'],
    ['', 'is no hash of bcrypt'],
    ['$2y$05$short', 'no whole bcrypt hash'],
    [`${HASH}x`, 'no whole bcrypt hash'],
    [`$2y$31$${'a'.repeat(53)}`, 'cost 31'],
  ])('goes on without the user of %s, and says why without showing it', (hash, why) => {
    const { users, doubts } = parseHtpasswd(`alice:${HASH}\nbob:${hash}\n`);
    expect([...users.keys()]).toEqual(['alice']);
    expect(doubts).toHaveLength(1);
    expect(doubts[0]).toMatchObject({ user: 'bob' });
    expect(doubts[0]?.sentence).toMatch(
      /^line 2: bob cannot sign in: the password .*stowage htpasswd add\.$/,
    );
    expect(doubts[0]?.sentence).toContain(why);
    if (hash !== '') expect(doubts[0]?.sentence).not.toContain(hash);
  });

  it('lets the last of two lines count, also when it cannot be used', () => {
    const other = `$2b$06$${'c'.repeat(53)}`;
    expect(parseHtpasswd(`a:${HASH}\na:${other}`).users.get('a')?.text).toBe(other);
    expect(parseHtpasswd(`a:${HASH}\na:{SHA}x`).users.size).toBe(0);
  });

  it('throws nothing but LineBroken, whatever stands in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        try {
          parseHtpasswd(text);
        } catch (error) {
          expect(error).toBeInstanceOf(LineBroken);
        }
      }),
    );
  });
});
