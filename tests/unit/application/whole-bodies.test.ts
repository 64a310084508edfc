import { afterAll, describe, expect, it } from 'vitest';
import { SizeInvalid } from '../../../src/domain/content/blob-errors.js';
import { Digest } from '../../../src/domain/content/digest.js';
import type { Hashing } from '../../../src/application/ports/system/hashing.js';
import { WholeBodies, type WholeBody } from '../../../src/application/services/whole-bodies.js';
import { BodyCut } from '../../../src/application/services/upload-body.js';
import { ThreadedHashing } from '../../../src/infrastructure/hashing/threaded-hashing.js';
import { bodyOf, ManualBody } from '../../support/fakes.js';

const KB = 1024;
const hashing = new ThreadedHashing();
const text = async ({ content }: WholeBody): Promise<string> => Buffer.from(content).toString();

afterAll(() => hashing.close());

describe('small bodies in memory', () => {
  it('are given whole, in however many pieces they came', async () => {
    const bodies = new WholeBodies(hashing);
    const body = new ManualBody();
    for (const piece of ['one ', 'two ', 'three']) body.send(piece);
    body.end();
    expect(await bodies.use(body, 13, 'sha256', text)).toBe('one two three');
    expect(await bodies.use(bodyOf('one piece'), 9, 'sha256', text)).toBe('one piece');
  });

  it.each([
    ['of unknown length', undefined],
    ['of more than 64 KiB', 64 * KB + 1],
  ])('are not read when they are %s', async (_what, length) => {
    const bodies = new WholeBodies(hashing);
    const body = bodyOf('untouched');
    expect(await bodies.use(body, length, 'sha256', text)).toBeUndefined();
    expect(await bodies.use(body, 9, 'sha256', text)).toBe('untouched');
  });

  it('are at most 128 at once, however slowly they arrive', async () => {
    const bodies = new WholeBodies(hashing);
    const slow = Array.from({ length: 128 }, () => new ManualBody());
    const reading = slow.map((body) => bodies.use(body, 1, 'sha256', text));
    expect(await bodies.use(bodyOf('x'), 1, 'sha256', text)).toBeUndefined();
    for (const body of slow) {
      body.send('y');
      body.end();
    }
    expect(new Set(await Promise.all(reading))).toEqual(new Set(['y']));
    expect(await bodies.use(bodyOf('x'), 1, 'sha256', text)).toBe('x');
  });
});

describe('bodies in memory where more is worth it', () => {
  const limits = { longest: 4 * KB * KB, total: 6 * KB * KB };
  const pieces = Array.from({ length: 50 }, (_, at) => String(at % 10).repeat(20 * KB + at));
  const whole = pieces.join('');

  function sent(): ManualBody {
    const body = new ManualBody();
    for (const piece of pieces) body.send(piece);
    body.end();
    return body;
  }

  it.each(['sha256', 'sha512'] as const)('are hashed while they arrive (%s)', async (algorithm) => {
    const bodies = new WholeBodies(hashing, limits);
    const taken = await bodies.use(sent(), whole.length, algorithm, async (body) => body);
    expect(taken?.digest.toString()).toBe(Digest.of(algorithm, Buffer.from(whole)).toString());
    expect(Buffer.from(taken?.content ?? []).equals(Buffer.from(whole))).toBe(true);
  });

  it('have their digest also when the hash is lost on the way', async () => {
    const lost: Hashing = {
      begin: () => ({
        update: async () => undefined,
        holdsChunks: false,
        rest: () => undefined,
        digest: async () => undefined,
        drop: () => undefined,
      }),
      close: async () => undefined,
    };
    const taken = await new WholeBodies(lost, limits).use(
      sent(),
      whole.length,
      'sha256',
      async ({ digest }) => digest,
    );
    expect(taken?.toString()).toBe(Digest.of('sha256', Buffer.from(whole)).toString());
  });

  it('are bounded by their bytes over all requests; room comes back, also after a failure', async () => {
    const bodies = new WholeBodies(hashing, limits);
    const slow = new ManualBody();
    const reading = bodies.use(slow, 4 * KB * KB, 'sha256', text);
    expect(await bodies.use(bodyOf('untouched'), 2 * KB * KB + 1, 'sha256', text)).toBeUndefined();
    slow.send('half');
    slow.cut();
    await expect(reading).rejects.toBeInstanceOf(BodyCut);
    expect(await bodies.use(sent(), whole.length, 'sha256', text)).toBe(whole);
  });
});

describe.each([
  ['short', 6],
  ['longer', 100 * KB],
])('a %s body', (_what, length) => {
  const limits = { longest: KB * KB, total: KB * KB };

  it('is refused when it brings fewer bytes than announced', async () => {
    const bodies = new WholeBodies(hashing, limits);
    const body = bodyOf('x'.repeat(length - 1));
    await expect(bodies.use(body, length, 'sha256', text)).rejects.toBeInstanceOf(SizeInvalid);
  });

  it('is refused when it brings more, and no more of it is read', async () => {
    const bodies = new WholeBodies(hashing, limits);
    const body = new ManualBody();
    body.send('x'.repeat(length));
    body.send('y');
    // Its end never comes.
    await expect(bodies.use(body, length, 'sha256', text)).rejects.toBeInstanceOf(SizeInvalid);
  });

  it('is cut when the client leaves', async () => {
    const bodies = new WholeBodies(hashing, limits);
    const body = new ManualBody();
    body.send('half');
    body.cut();
    await expect(bodies.use(body, length, 'sha256', text)).rejects.toBeInstanceOf(BodyCut);
  });
});
