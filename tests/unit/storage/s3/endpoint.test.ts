import { describe, expect, it } from 'vitest';
import {
  addressEndpointOf,
  encodeKey,
  endpointOf,
  originOf,
} from '../../../../src/infrastructure/storage/drivers/s3/client/endpoint.js';
import { s3Options } from '../../../support/s3-options.js';

const REST = { bucket: 'images', regionendpoint: undefined, region: 'eu-central-1' };

describe('endpointOf', () => {
  it.each([
    ['AWS', {}, 'https://images.s3.eu-central-1.amazonaws.com', ''],
    ['AWS without TLS', { secure: false }, 'http://images.s3.eu-central-1.amazonaws.com', ''],
    ['the path style', { forcepathstyle: true }, 'https://s3.eu-central-1.amazonaws.com', '/images'],
    ['IPv6', { usedualstack: true }, 'https://images.s3.dualstack.eu-central-1.amazonaws.com', ''],
    ['acceleration', { accelerate: true }, 'https://images.s3-accelerate.amazonaws.com', ''],
    [
      'acceleration and IPv6',
      { accelerate: true, usedualstack: true },
      'https://images.s3-accelerate.dualstack.amazonaws.com',
      '',
    ],
    ['China', { region: 'cn-north-1' }, 'https://images.s3.cn-north-1.amazonaws.com.cn', ''],
    ['a name that no certificate fits', { bucket: 'a.b' }, 'https://s3.eu-central-1.amazonaws.com', '/a.b'],
    [
      'a name with dots without TLS',
      { bucket: 'a.b', secure: false },
      'http://a.b.s3.eu-central-1.amazonaws.com',
      '',
    ],
    [
      'a name that no host has',
      { bucket: 'An_Old_One' },
      'https://s3.eu-central-1.amazonaws.com',
      '/An_Old_One',
    ],
    ['a host', { regionendpoint: 's3.example.com' }, 'https://s3.example.com', '/images'],
    ['a host without TLS', { regionendpoint: 'store:9000', secure: false }, 'http://store:9000', '/images'],
    ['a scheme', { regionendpoint: 'http://store:9000/' }, 'http://store:9000', '/images'],
    [
      'a path',
      { regionendpoint: 'https://x.example/storage/s3/' },
      'https://x.example',
      '/storage/s3/images',
    ],
    [
      'the host style',
      { regionendpoint: 'https://s3.example.com:444', forcepathstyle: false },
      'https://images.s3.example.com:444',
      '',
    ],
    [
      'an address, of which no host is made',
      { regionendpoint: 'http://10.0.0.1:9000', forcepathstyle: false },
      'http://10.0.0.1:9000',
      '/images',
    ],
    ['IPv6 address', { regionendpoint: 'http://[::1]:9000' }, 'http://[::1]:9000', '/images'],
  ])('knows %s', (_what, options, origin, path) => {
    const endpoint = endpointOf(s3Options({ ...REST, ...options }));
    expect([originOf(endpoint), endpoint.path]).toEqual([origin, path]);
  });

  it('connects to the address in brackets without them', () => {
    const { hostname, port } = endpointOf(s3Options({ ...REST, regionendpoint: 'http://[::1]:9000' }));
    expect([hostname, port]).toEqual(['::1', 9000]);
  });

  it('sends clients to the address that is for them, with the same path', () => {
    const options = { regionendpoint: 'http://store:9000', redirectendpoint: 'https://images.example.com' };
    const endpoint = addressEndpointOf(s3Options({ ...REST, ...options }));
    expect([originOf(endpoint), endpoint.path]).toEqual(['https://images.example.com', '/images']);
  });
});

describe('encodeKey', () => {
  it.each([
    ['docker/registry/v2/blobs/sha256/aa/aa11/data', 'docker/registry/v2/blobs/sha256/aa/aa11/data'],
    ['a b+c/~0', 'a%20b%2Bc/~0'],
    ["!'()*", '%21%27%28%29%2A'],
    ['ä/%2F', '%C3%A4/%252F'],
  ])('writes %s as %s', (key, encoded) => {
    expect(encodeKey(key)).toBe(encoded);
  });
});
