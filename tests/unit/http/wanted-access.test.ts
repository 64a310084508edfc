import { describe, expect, it } from 'vitest';
import { parseTarget } from '../../../src/interfaces/http/routes/parse-target.js';
import { wantedAccess } from '../../../src/interfaces/http/routes/wanted-access.js';

const ID = '0b4c1e46-3b0f-4a52-8f0a-6b1a4c3d2e1f';

describe('what a request needs', () => {
  it.each([
    ['GET', '/v2/', []],
    ['HEAD', '/v2', []],
    ['POST', '/v2/', []],
    ['GET', '/v2/_catalog', ['registry:catalog:*']],
    ['GET', '/v2/a/b/tags/list', ['repository:a/b:pull']],
    ['HEAD', '/v2/a/manifests/v1', ['repository:a:pull']],
    ['PUT', '/v2/a/manifests/v1', ['repository:a:pull', 'repository:a:push']],
    ['DELETE', '/v2/a/manifests/v1', ['repository:a:delete']],
    ['GET', '/v2/a/referrers/sha256:x', ['repository:a:pull']],
    ['DELETE', '/v2/a/blobs/sha256:x', ['repository:a:delete']],
    ['POST', '/v2/a/blobs/uploads/', ['repository:a:pull', 'repository:a:push']],
    ['GET', `/v2/a/blobs/uploads/${ID}`, ['repository:a:pull']],
    ['PATCH', `/v2/a/blobs/uploads/${ID}`, ['repository:a:pull', 'repository:a:push']],
    ['DELETE', `/v2/a/blobs/uploads/${ID}`, ['repository:a:push']],
    ['PROPFIND', '/v2/a/tags/list', []],
    ['GET', '/v2/a/nothing', []],
    // What is asked for is what is served: both read the same parse of the path.
    ['GET', '/v2/a%2Fb/tags/list', ['repository:a/b:pull']],
    ['GET', '/v2/../x/tags/list', ['repository:../x:pull']],
    ['GET', '/v2/a/blobs/uploads/manifests/v1', ['repository:a/blobs/uploads:pull']],
  ])('%s %s: %j', (method, path, wanted) => {
    const access = wantedAccess(method, parseTarget(path));
    expect(access.every(({ isOptional }) => isOptional === undefined)).toBe(true);
    expect(access.map(({ type, name, action }) => `${type}:${name}:${action}`)).toEqual(wanted);
  });

  it('the right to pull from the source of a mount is asked for, but not needed', () => {
    expect(wantedAccess('POST', parseTarget('/v2/a/blobs/uploads/'), 'b')).toEqual([
      { type: 'repository', name: 'a', action: 'pull' },
      { type: 'repository', name: 'a', action: 'push' },
      { type: 'repository', name: 'b', action: 'pull', isOptional: true },
    ]);
  });
});
