import { describe, expect, it } from 'vitest';
import { Assembly } from '../../../../src/infrastructure/storage/drivers/s3/staged/assembly.js';
import { planParts } from '../../../../src/infrastructure/storage/drivers/s3/staged/part-plan.js';
import { PieceMemory } from '../../../../src/infrastructure/storage/drivers/s3/staged/piece-memory.js';
import {
  pieceKey,
  pieceOf,
  type Piece,
} from '../../../../src/infrastructure/storage/drivers/s3/staged/piece.js';
import { MemoryObjectStore } from '../../../support/memory-object-store.js';

const LEAST = 100;

function piecesOf(sizes: readonly number[]): readonly Piece[] {
  let start = 0;
  return sizes.map((size) => {
    const name = { start, size, attempt: '0'.repeat(16), generation: 1, writer: '00000000' };
    start += size;
    const piece = pieceOf({ key: pieceKey('f', name), size, etag: '', modifiedAt: 0 });
    if (piece === undefined) throw new Error('no piece');
    return piece;
  });
}

const shown = (sizes: readonly number[]) =>
  planParts(piecesOf(sizes), LEAST).map((part) => {
    const slices = part.kind === 'copy' ? [part.slice] : part.slices;
    return `${part.kind} ${slices.map(({ piece, start, end }) => `${piece.start + start}-${piece.start + end}`).join(' ')}`;
  });

describe('the parts of an object', () => {
  it.each<[readonly number[], readonly string[]]>([
    [
      [100, 250, 100],
      ['copy 0-100', 'copy 100-350', 'copy 350-450'],
    ],
    [
      [100, 99],
      ['copy 0-100', 'send 100-199'],
    ],
    [
      [30, 300],
      ['send 0-30 30-100', 'copy 100-330'],
    ],
    [
      [30, 150, 200],
      ['send 0-30 30-180', 'copy 180-380'],
    ],
    [
      [30, 30, 30, 30, 30],
      ['send 0-30 30-60 60-90 90-120', 'send 120-150'],
    ],
    [
      [100, 50, 170, 10],
      ['copy 0-100', 'send 100-150 150-200', 'copy 200-320', 'send 320-330'],
    ],
    [
      [60, 40, 100],
      ['send 0-60 60-100', 'copy 100-200'],
    ],
  ])('of pieces of %j are large enough, in order, and copied where that can be', (sizes, expected) => {
    expect(shown(sizes)).toEqual(expected);
  });
});

describe('an object of more pieces than it may have parts', () => {
  it('is put together of joined ones, and is whole', async () => {
    const store = new MemoryObjectStore({ leastPart: LEAST });
    const pieces: Piece[] = [];
    for (const [at, piece] of piecesOf(
      Array.from({ length: 40 }, (_, nth) => 100 + (nth % 7) * 30),
    ).entries()) {
      const { etag } = await store.put(piece.key, [Buffer.alloc(piece.size, at + 1)]);
      pieces.push({ ...piece, etag });
    }
    const whole = Buffer.concat(pieces.map(({ size }, at) => Buffer.alloc(size, at + 1)));
    store.resetCounts();
    await new Assembly(store, new PieceMemory(), LEAST, 10).assemble(pieces, 'to');
    expect(store.contentOf('to')?.equals(whole)).toBe(true);
    expect(store.sent).toBe(0);
    expect(store.requests.get('createMultipart')).toBeGreaterThan(2);
  });

  it('leaves no upload behind when a piece is gone', async () => {
    const store = new MemoryObjectStore({ leastPart: LEAST });
    const assembly = new Assembly(store, new PieceMemory(), LEAST);
    await expect(assembly.assemble(piecesOf([100, 100, 100]), 'to')).rejects.toThrow('nothing is at');
    expect(store.keys()).toEqual([]);
    expect(store.requests.get('abortMultipart')).toBe(1);
  });
});
