import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  parseChunkRange,
  RangeNotSatisfiable,
  resolveRange,
} from '../../../src/domain/content/byte-range.js';

describe('resolveRange', () => {
  it.each([
    ['bytes=0-0', 0, 0],
    ['bytes=500-1499', 500, 1499],
    ['bytes=500-', 500, 4999],
    ['bytes=-500', 4500, 4999],
    ['bytes=-9999', 0, 4999],
    ['bytes=2000-9000', 2000, 4999],
  ])('reads %s of 5000 bytes', (header, start, end) => {
    expect(resolveRange(header, 5000)).toEqual({ start, end });
  });

  it.each(['bytes=5000-', 'bytes=5000-9999', 'bytes=500-0', 'bytes=-0'])(
    '%s has no byte of 5000',
    (header) => {
      expect(() => resolveRange(header, 5000)).toThrow(RangeNotSatisfiable);
    },
  );

  it.each([undefined, 'items=0-1', 'bytes=0-1,3-4', 'bytes=', 'bytes=-', 'bytes=a-b', '0-1'])(
    'ignores %s, as the whole content is an answer too',
    (header) => {
      expect(resolveRange(header, 5000)).toBeUndefined();
    },
  );

  it.each(['bytes=0-', 'bytes=0-9', 'bytes=-1'])(
    'ignores %s of empty content, as the reference does',
    (header) => {
      expect(resolveRange(header, 0)).toBeUndefined();
    },
  );

  it('never leaves the content', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 1e9 }), (from, to, size) => {
        try {
          const range = resolveRange(`bytes=${from}-${to}`, size);
          expect(range!.start).toBe(from);
          expect(range!.end).toBe(Math.min(to, size - 1));
        } catch (error) {
          expect(error).toBeInstanceOf(RangeNotSatisfiable);
          expect(from >= size || to < from).toBe(true);
        }
      }),
    );
  });
});

describe('parseChunkRange', () => {
  it('reads first and last byte, without a unit', () => {
    expect(parseChunkRange('0-1023')).toEqual({ start: 0, end: 1023 });
  });

  it.each(['bytes 0-1/2', 'bytes=0-1', '1-0', '0-', '-1', '0-1, 2-3', '', '0-99999999999999999'])(
    'takes no %j',
    (text) => {
      expect(parseChunkRange(text)).toBeUndefined();
    },
  );
});
