import { describe, expect, it } from 'vitest';
import { SizeInvalid } from '../../../src/domain/content/blob-errors.js';
import { WholeBodies } from '../../../src/application/services/whole-bodies.js';
import { BodyCut } from '../../../src/application/services/upload-body.js';
import { bodyOf, ManualBody } from '../../support/fakes.js';

const text = async (bytes: Uint8Array): Promise<string> => Buffer.from(bytes).toString();

describe('small bodies in memory', () => {
  it('are given whole, in however many pieces they came', async () => {
    const bodies = new WholeBodies();
    const body = new ManualBody();
    for (const piece of ['one ', 'two ', 'three']) body.send(piece);
    body.end();
    expect(await bodies.use(body, 13, text)).toBe('one two three');
    expect(await bodies.use(bodyOf('one piece'), 9, text)).toBe('one piece');
  });

  it.each([
    ['of unknown length', undefined],
    ['of more than 64 KiB', 64 * 1024 + 1],
  ])('are not read when they are %s', async (_what, length) => {
    const bodies = new WholeBodies();
    const body = bodyOf('untouched');
    expect(await bodies.use(body, length, text)).toBeUndefined();
    expect(await bodies.use(body, 9, text)).toBe('untouched');
  });

  it('are refused when they bring fewer bytes than announced, and cut when the client leaves', async () => {
    const bodies = new WholeBodies();
    await expect(bodies.use(bodyOf('short'), 6, text)).rejects.toBeInstanceOf(SizeInvalid);
    const left = new ManualBody();
    left.send('half');
    left.cut();
    await expect(bodies.use(left, 8, text)).rejects.toBeInstanceOf(BodyCut);
  });

  it('are at most 128 at once, however slowly they arrive', async () => {
    const bodies = new WholeBodies();
    const slow = Array.from({ length: 128 }, () => new ManualBody());
    const reading = slow.map((body) => bodies.use(body, 1, text));
    expect(await bodies.use(bodyOf('x'), 1, text)).toBeUndefined();
    for (const body of slow) {
      body.send('y');
      body.end();
    }
    expect(new Set(await Promise.all(reading))).toEqual(new Set(['y']));
    expect(await bodies.use(bodyOf('x'), 1, text)).toBe('x');
  });
});
