import { describe, expect, it } from 'vitest';
import { StorageFault } from '../../../src/application/ports/storage/storage-fault.js';
import { Digest } from '../../../src/domain/content/digest.js';
import { RegistryError } from '../../../src/domain/errors.js';
import { plainFields } from '../../../src/infrastructure/observability/plain-fields.js';

const HEX = 'a'.repeat(64);

describe('fields of a log line', () => {
  it.each([
    ['a number', 1.5, 1.5],
    ['not a number', Number.NaN, 'NaN'],
    ['a big integer', 12n, '12'],
    ['null', null, null],
    ['a date', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['an impossible date', new Date(Number.NaN), 'Invalid Date'],
    ['bytes', Buffer.from('secret bytes'), '[12 bytes]'],
    ['a digest', Digest.parse(`sha256:${HEX}`), `sha256:${HEX}`],
    ['a list', [1, undefined, 'a'], [1, null, 'a']],
    ['a map', new Map([['a', 1]]), { a: 1 }],
    ['a set', new Set(['a']), ['a']],
    ['a function', () => 1, '[function]'],
    ['an object without prototype', Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
  ])('shows %s', (_what, value, shown) => {
    expect(plainFields({ value })).toEqual({ value: shown });
  });

  it('leaves out what is undefined', () => {
    expect(plainFields({ a: undefined, b: 1 })).toEqual({ b: 1 });
  });

  it('shows an error with its fields, its stack and its chain of causes', () => {
    const cause = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    const error = new StorageFault('full', 'the disk is full', cause);
    expect(plainFields({ error })).toEqual({
      error: {
        name: 'StorageFault',
        message: 'the disk is full',
        kind: 'full',
        stack: expect.stringContaining('plain-fields.test.ts') as string,
        cause: {
          name: 'Error',
          message: 'no space left on device',
          code: 'ENOSPC',
          stack: expect.stringContaining('Error: no space left on device') as string,
        },
      },
    });
  });

  it('shows the code and the detail of a refusal', () => {
    const error = new RegistryError('TAG_INVALID', 'bad tag', { tag: '-' });
    expect(plainFields({ error })['error']).toMatchObject({
      name: 'RegistryError',
      code: 'TAG_INVALID',
      detail: { tag: '-' },
    });
  });

  it('ends with values that contain themselves', () => {
    const loop: Record<string, unknown> = { a: 1 };
    loop['self'] = loop;
    const error = new Error('round');
    error.cause = error;
    const text = JSON.stringify(plainFields({ loop, error }));
    expect(text).toContain('[…]');
  });

  it('survives values that throw when they are read', () => {
    const hostile = {
      get bad(): string {
        throw new Error('no');
      },
      good: 1,
    };
    expect(plainFields({ hostile })).toEqual({ hostile: { bad: '[unreadable: no]', good: 1 } });
  });
});
