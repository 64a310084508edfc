import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RepositoryName } from '../../../src/domain/repository/repository-name.js';
import { UploadId } from '../../../src/domain/upload/upload-id.js';
import { REMEMBERED } from '../../../src/domain/upload/upload-session.js';
import { BegunUploadIds } from '../../../src/infrastructure/metadata/sqlite/begun-upload-ids.js';
import { SystemRandom } from '../../../src/infrastructure/system/system-random.js';

const NOW = 1_700_000_000_000;
const REPOSITORY = RepositoryName.parse('team/app');
const ids = new BegunUploadIds('01'.repeat(16));
const random = new SystemRandom();

describe('the id of a session that was begun', () => {
  it('is a UUID of version 7 that tells when, and by which algorithm', () => {
    fc.assert(
      fc.property(
        fc.uuid({ version: 4 }),
        fc.constantFrom('sha256' as const, 'sha512' as const),
        fc.integer({ min: 0, max: 2 ** 47 }),
        (uuid, algorithm, begunAt) => {
          const id = ids.issue(UploadId.fromUuid(uuid), REPOSITORY, { algorithm, begunAt });
          expect(UploadId.parse(id.toString())?.toString()).toBe(id.toString());
          expect(id.toString()).toMatch(/^.{14}7.{4}[89ab]/);
          expect(ids.read(id, REPOSITORY, begunAt)).toEqual({ algorithm, begunAt });
        },
      ),
    );
  });

  it('is never given out twice, also in the same moment', () => {
    const issued = Array.from({ length: 5_000 }, () =>
      ids.issue(random.uploadId(), REPOSITORY, { algorithm: 'sha256', begunAt: NOW }).toString(),
    );
    expect(new Set(issued).size).toBe(issued.length);
  });

  it('lies beside those of the same time', () => {
    const issued = [0, 1, 255, 256, 70_000].map((later) =>
      ids.issue(random.uploadId(), REPOSITORY, { algorithm: 'sha256', begunAt: NOW + later }).toString(),
    );
    expect(issued.toSorted()).toEqual(issued);
  });

  it('is no longer believed when the session may have ended since', () => {
    const id = ids.issue(random.uploadId(), REPOSITORY, { algorithm: 'sha256', begunAt: NOW });
    expect(ids.read(id, REPOSITORY, NOW + REMEMBERED)).toBeDefined();
    expect(ids.read(id, REPOSITORY, NOW + REMEMBERED + 1)).toBeUndefined();
    expect([ids.isRecent(id, NOW + REMEMBERED), ids.isRecent(id, NOW + REMEMBERED + 1)]).toEqual([
      true,
      false,
    ]);
  });

  it('is not believed for another repository, by another database, or with any digit changed', () => {
    const id = ids.issue(random.uploadId(), REPOSITORY, { algorithm: 'sha256', begunAt: NOW });
    expect(ids.read(id, RepositoryName.parse('team/ap'), NOW)).toBeUndefined();
    expect(new BegunUploadIds('02'.repeat(16)).read(id, REPOSITORY, NOW)).toBeUndefined();
    const text = id.toString();
    for (let at = 0; at < text.length; at += 1) {
      if (text[at] === '-') continue;
      const digit = ((Number.parseInt(text[at] ?? '', 16) + 1) % 16).toString(16);
      const changed = UploadId.fromUuid(text.slice(0, at) + digit + text.slice(at + 1));
      expect([at, ids.read(changed, REPOSITORY, NOW)]).toEqual([at, undefined]);
    }
  });

  it('of another making is none', () => {
    expect(ids.read(random.uploadId(), REPOSITORY, Date.now())).toBeUndefined();
  });
});
