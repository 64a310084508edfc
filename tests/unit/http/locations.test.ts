import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Digest } from '../../../src/domain/content/digest.js';
import { RepositoryName } from '../../../src/domain/repository/repository-name.js';
import { UploadId } from '../../../src/domain/upload/upload-id.js';
import { Locations } from '../../../src/interfaces/http/presenters/locations.js';

const name = RepositoryName.parse('team/app');
const digest = Digest.parse(`sha256:${'a'.repeat(64)}`);
const id = UploadId.fromUuid('9b0a6d5c-0e0b-4a0e-9d51-0e1f6d2b7c11');

describe('locations', () => {
  it.each([
    ['nothing', '/', undefined, '/v2/', '/v2/'],
    ['a prefix', '/registry/', undefined, '/registry/v2/', '/registry/v2/'],
    ['a host', '/', 'https://a.example/', '/v2/', 'https://a.example/v2/'],
    ['a host with a path', '/x/', 'https://a.example:8443/y/z/', '/x/v2/', 'https://a.example:8443/y/z/v2/'],
  ])('with %s', (_what, prefix, host, begin, base) => {
    const locations = new Locations({ prefix, host });
    expect(locations.begin).toBe(begin);
    expect(locations.blob(name, digest)).toBe(`${base}team/app/blobs/${digest.toString()}`);
    expect(locations.manifest(name, digest)).toBe(`${base}team/app/manifests/${digest.toString()}`);
    expect(locations.upload(name, id, 7)).toBe(`${base}team/app/blobs/uploads/${id.toString()}?_offset=7`);
    expect(locations.nextLink('/v2/_catalog', { n: '2', last: 'a/b' })).toBe(
      `<${base}_catalog?n=2&last=a%2Fb>; rel="next"`,
    );
  });

  it('lead to a path and back, whatever the prefix', () => {
    const segment = fc.stringMatching(/^[\w~-]{1,8}$/);
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 3 }), fc.webPath(), (segments, path) => {
        const prefix = ['', ...segments, ''].join('/');
        const locations = new Locations({ prefix, host: undefined });
        expect(locations.pathOf(`${prefix.slice(0, -1)}/v2${path}`)).toBe(`/v2${path}`);
      }),
    );
  });

  it.each(['/', '/v2/', '/registryv2/', '/registry', '/Registry/v2/', '/other/registry/v2/'])(
    'know no path of the protocol in %s when it lies below /registry/',
    (path) => {
      const asked = new Locations({ prefix: '/registry/', host: undefined }).pathOf(path);
      expect(asked).toBeUndefined();
    },
  );
});
