import { describe, expect, it } from 'vitest';
import { SizeInvalid } from '../../../src/domain/content/blob-errors.js';
import { RepositoryName } from '../../../src/domain/repository/repository-name.js';
import { UploadOutOfOrder } from '../../../src/domain/upload/upload-errors.js';
import { UploadId } from '../../../src/domain/upload/upload-id.js';
import { UploadSession } from '../../../src/domain/upload/upload-session.js';

const session = new UploadSession({
  id: UploadId.fromUuid('0b4c1e46-3b0f-4a52-8f0a-6b1a4c3d2e1f'),
  repository: RepositoryName.parse('team/app'),
  offset: 100,
  algorithm: 'sha256',
  fence: 1,
  completed: undefined,
});
const NOTHING = { range: undefined, length: undefined, locationOffset: undefined };

describe('UploadSession.expect', () => {
  it('takes a chunk that starts where the session ends', () => {
    expect(session.expect({ ...NOTHING, range: { start: 100, end: 149 } })).toBe(50);
  });

  it.each([
    ['a gap', 101],
    ['an overlap', 99],
    ['a repetition', 0],
  ])('refuses %s and says where to go on', (_what, start) => {
    const claim = { ...NOTHING, range: { start, end: 200 } };
    expect(() => session.expect(claim)).toThrow(UploadOutOfOrder);
    expect(() => session.expect(claim)).toThrow(expect.objectContaining({ offset: 100 }));
  });

  it('refuses a range and a length that contradict each other', () => {
    const claim = { ...NOTHING, range: { start: 100, end: 149 }, length: 49 };
    expect(() => session.expect(claim)).toThrow(SizeInvalid);
  });

  it('appends a stream of unknown length', () => {
    expect(session.expect(NOTHING)).toBeUndefined();
  });

  it('takes a stream on the Location of its offset and refuses it on a stale one, since it may be a repetition', () => {
    expect(session.expect({ ...NOTHING, locationOffset: 100 })).toBeUndefined();
    expect(() => session.expect({ ...NOTHING, locationOffset: 0 })).toThrow(UploadOutOfOrder);
  });

  it('takes an empty body on a stale Location, as it appends nothing', () => {
    expect(session.expect({ ...NOTHING, length: 0, locationOffset: 0 })).toBe(0);
  });
});
