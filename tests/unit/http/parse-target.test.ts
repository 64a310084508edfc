import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTarget } from '../../../src/interfaces/http/routes/parse-target.js';

describe('parseTarget', () => {
  it.each([
    ['/v2/', 'base', '', ''],
    ['/v2', 'base', '', ''],
    ['/v2/_catalog', 'catalog', '', ''],
    ['/v2/a/b/tags/list', 'tags', 'a/b', 'list'],
    ['/v2/a/manifests/1.0', 'manifest', 'a', '1.0'],
    ['/v2/a/manifests/b/manifests/x', 'manifest', 'a/manifests/b', 'x'],
    ['/v2/a/tags/list/manifests/x', 'manifest', 'a/tags/list', 'x'],
    ['/v2/a/blobs/sha256:00', 'blob', 'a', 'sha256:00'],
    ['/v2/a/blobs/sha256%3A00', 'blob', 'a', 'sha256:00'],
    ['/v2/npm%2Fazure/blobs/x', 'blob', 'npm/azure', 'x'],
    ['/v2/a/blobs/uploads/', 'uploads', 'a', ''],
    ['/v2/a/blobs/uploads', 'uploads', 'a', 'uploads'],
    ['/v2/a/blobs/uploads/1-2', 'upload', 'a', '1-2'],
    ['/v2/blobs/uploads/blobs/uploads/1-2', 'upload', 'blobs/uploads', '1-2'],
    ['/v2/a/referrers/sha256:00', 'referrers', 'a', 'sha256:00'],
    ['/v2//a/manifests/x', 'manifest', '/a', 'x'],
    ['/v2/../a/manifests/x', 'manifest', '../a', 'x'],
    ['/v2/%zz/manifests/x', 'manifest', '%zz', 'x'],
  ])('reads %s as %s of %j', (path, endpoint, name, tail) => {
    expect(parseTarget(path)).toEqual({ endpoint, name, tail });
  });

  it.each(['/', '/v1/', '/v2x', '//v2/', '/v2/a', '/v2/a/b', '/v2/a/tags/other', '/v2/a/uploads/1'])(
    'knows no endpoint at %s',
    (path) => {
      expect(parseTarget(path)).toBeUndefined();
    },
  );

  it('never fails, whatever the path', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const target = parseTarget(`/v2/${text}`);
        expect(target === undefined || typeof target.name === 'string').toBe(true);
      }),
    );
  });
});
