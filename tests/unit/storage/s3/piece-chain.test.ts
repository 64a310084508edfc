import { describe, expect, it } from 'vitest';
import { chainOf } from '../../../../src/infrastructure/storage/drivers/s3/staged/chain.js';
import {
  anchorKey,
  fileOfPiece,
  pieceKey,
  pieceOf,
  type Piece,
} from '../../../../src/infrastructure/storage/drivers/s3/staged/piece.js';

const FILE = 'root/_uploads/1/data.1';
const ONE = '1'.repeat(16);
const TWO = '2'.repeat(16);

function object(key: string, size: number): Piece {
  const piece = pieceOf({ key, size, etag: 'x', modifiedAt: 1 });
  if (piece === undefined) throw new Error(`${key} is no piece`);
  return piece;
}
const anchor = (size: number) => object(anchorKey(FILE), size);
const piece = (start: number, end: number, generation: number, attempt = ONE, writer = 'aaaaaaaa') =>
  object(pieceKey(FILE, { start, size: end - start, attempt, generation, writer }), end - start);
const shown = (found: readonly Piece[], attempt = ONE) =>
  chainOf(found, attempt).map(({ start, size, generation }) => `${start}-${start + size} ${generation}`);

describe('what a staged file consists of', () => {
  it.each<[string, readonly Piece[], readonly string[]]>([
    ['nothing without an anchor', [piece(10, 20, 1)], []],
    ['an empty anchor alone', [anchor(0)], ['0-0 0']],
    ['pieces up to a gap', [anchor(10), piece(10, 20, 1), piece(30, 40, 1)], ['0-10 0', '10-20 1']],
    ['pieces behind an empty anchor', [anchor(0), piece(0, 5, 1)], ['0-5 1']],
    ['no piece of another attempt', [anchor(10), piece(10, 20, 1, TWO)], ['0-10 0']],
    [
      'the longest of those with one beginning',
      [anchor(4), piece(4, 6, 1), piece(4, 9, 1)],
      ['0-4 0', '4-9 1'],
    ],
    [
      'what was joined, while the small ones are still there',
      [anchor(4), piece(4, 6, 1), piece(6, 8, 2), piece(4, 8, 2), piece(8, 9, 3)],
      ['0-4 0', '4-8 2', '8-9 3'],
    ],
    ['what was joined with the anchor', [anchor(4), piece(4, 6, 1), piece(0, 6, 1)], ['0-6 1']],
    [
      'what was written behind a cut',
      [anchor(10), piece(10, 20, 1), piece(10, 13, 2)],
      ['0-10 0', '10-13 2'],
    ],
    [
      'no piece behind a cut that has just its end',
      [anchor(10), piece(10, 20, 1), piece(20, 30, 1), piece(10, 20, 2)],
      ['0-10 0', '10-20 2'],
    ],
    [
      'what is left of a cut piece',
      [anchor(10), piece(10, 20, 1), piece(10, 15, 2), piece(15, 16, 2)],
      ['0-10 0', '10-15 2', '15-16 2'],
    ],
    ['what is left of a cut anchor', [anchor(10), piece(10, 20, 1), piece(0, 5, 2)], ['0-5 2']],
    ['nothing after a cut at the very beginning', [anchor(10), piece(10, 20, 1), piece(0, 0, 2)], ['0-0 2']],
    [
      'no joined piece that arrives behind a cut',
      [anchor(4), piece(4, 6, 1), piece(6, 8, 2), piece(6, 7, 3), piece(4, 8, 2)],
      ['0-4 0', '4-6 1', '6-7 3'],
    ],
    [
      'nothing that nobody can tell who has written it',
      [anchor(4), piece(4, 6, 2), piece(4, 6, 2, ONE, 'bbbbbbbb'), piece(6, 7, 2)],
      ['0-4 0'],
    ],
  ])('is %s', (_what, found, expected) => {
    expect(shown(found)).toEqual(expected);
    expect(shown(found.toReversed())).toEqual(expected);
  });
});

describe('the name of a piece', () => {
  it('tells its file, and everything about it', () => {
    const name = { start: 12, size: 34, attempt: ONE, generation: 5, writer: '0123abcd' };
    expect(object(pieceKey(FILE, name), 34)).toMatchObject(name);
    expect(fileOfPiece(pieceKey(FILE, name))).toBe(FILE);
    expect(fileOfPiece(anchorKey('data.1'))).toBe('data.1');
  });
  it.each([
    'data',
    'data~',
    '~0000000000000000',
    'data~1',
    'data~0000000000000000-1',
    'data~000000000000000x',
  ])('is not %j', (key) => {
    expect(fileOfPiece(key)).toBeUndefined();
    expect(pieceOf({ key, size: 1, etag: 'x', modifiedAt: 1 })).toBeUndefined();
  });
});
