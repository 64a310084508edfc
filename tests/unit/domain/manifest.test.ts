import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Digest, DigestInvalid } from '../../../src/domain/content/digest.js';
import { MEDIA_TYPES } from '../../../src/domain/content/media-type.js';
import { ManifestInvalid } from '../../../src/domain/manifest/manifest-errors.js';
import type { Manifest } from '../../../src/domain/manifest/manifest.js';
import { parseManifest } from '../../../src/domain/manifest/parse-manifest.js';
import { parseStrictJson } from '../../../src/domain/manifest/strict-json.js';
import { describeReferrer } from '../../../src/domain/referrer/referrer.js';

const DIGEST = (byte: string): string => `sha256:${byte.repeat(32)}`;
const descriptor = (byte: string, mediaType = 'application/vnd.oci.image.layer.v1.tar'): object => ({
  mediaType,
  digest: DIGEST(byte),
  size: 1,
});
const IMAGE = {
  schemaVersion: 2,
  mediaType: MEDIA_TYPES.ociManifest,
  config: descriptor('0a', 'application/vnd.oci.image.config.v1+json'),
  layers: [descriptor('0b'), descriptor('0c'), descriptor('0b')],
};
const INDEX = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: [descriptor('0d')] };

function parse(value: unknown, contentType: string | undefined = MEDIA_TYPES.ociManifest): Manifest {
  return parseManifest(Buffer.from(JSON.stringify(value)), contentType);
}

describe('parseManifest', () => {
  it('keeps the bytes as they are, with unknown fields and odd spacing', () => {
    const bytes = Buffer.from(`{ "x-unknown" : [ 1 ],\n ${JSON.stringify(IMAGE).slice(1)}\n`);
    const manifest = parseManifest(bytes, MEDIA_TYPES.ociManifest);
    expect(manifest.bytes.equals(bytes)).toBe(true);
    expect(manifest.digest.equals(Digest.of('sha256', bytes))).toBe(true);
  });

  it('knows what an image and an index reference, each digest once', () => {
    expect(parse(IMAGE).references.map((one) => one.digestText)).toEqual([
      DIGEST('0a'),
      DIGEST('0b'),
      DIGEST('0c'),
    ]);
    expect(parse(INDEX, MEDIA_TYPES.ociIndex).references.map((one) => one.digestText)).toEqual([
      DIGEST('0d'),
    ]);
  });

  it('does not ask for foreign layers, but for a layer that merely has urls', () => {
    const foreign = descriptor('0e', 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip');
    const withUrls = { ...descriptor('0f'), urls: ['https://example.com/layer'] };
    const manifest = parse({ ...IMAGE, layers: [foreign, withUrls] });
    expect(manifest.references.map((one) => one.digestText)).toEqual([DIGEST('0a'), DIGEST('0f')]);
  });

  it.each([
    ['no layers', { ...IMAGE, layers: [] }, MEDIA_TYPES.ociManifest],
    ['no mediaType in its body', { ...IMAGE, mediaType: undefined }, MEDIA_TYPES.ociManifest],
    ['a Content-Type with parameters', IMAGE, `${MEDIA_TYPES.ociManifest}; charset=utf-8`],
    ['a Content-Type in upper case', IMAGE, MEDIA_TYPES.ociManifest.toUpperCase()],
    ['no Content-Type', IMAGE, undefined],
    ['an empty index', { ...INDEX, manifests: [] }, MEDIA_TYPES.ociIndex],
    ['the Docker type', { ...IMAGE, mediaType: MEDIA_TYPES.dockerManifest }, MEDIA_TYPES.dockerManifest],
    [
      'a layer of an algorithm nobody stores',
      { ...IMAGE, layers: [{ ...descriptor('0b'), digest: 'blake3:ab' }] },
      MEDIA_TYPES.ociManifest,
    ],
  ])('takes a manifest with %s', (_what, value, contentType) => {
    expect(parse(value, contentType).size).toBeGreaterThan(0);
  });

  it.each([
    ['schemaVersion 1', { ...IMAGE, schemaVersion: 1 }, /schemaVersion 2/],
    ['another mediaType than the header', { ...IMAGE, mediaType: MEDIA_TYPES.ociIndex }, /Content-Type/],
    ['children beside layers', { ...IMAGE, manifests: [] }, /both kinds/],
    ['no config', { ...IMAGE, config: undefined }, /config/],
    ['no layers array', { ...IMAGE, layers: undefined }, /layers/],
    ['a layer that is no object', { ...IMAGE, layers: ['x'] }, /layers\[0\]/],
    [
      'a digest out of its grammar',
      { ...IMAGE, layers: [{ ...descriptor('0b'), digest: 'x' }] },
      /layers\[0\]\.digest/,
    ],
    ['a negative size', { ...IMAGE, layers: [{ ...descriptor('0b'), size: -1 }] }, /layers\[0\]\.size/],
    ['a fractional size', { ...IMAGE, layers: [{ ...descriptor('0b'), size: 1.5 }] }, /size/],
    [
      'a media type that is none',
      { ...IMAGE, layers: [{ ...descriptor('0b'), mediaType: 'x' }] },
      /mediaType/,
    ],
    ['annotations that are no strings', { ...IMAGE, annotations: { a: 1 } }, /annotations/],
    ['a subject that is no descriptor', { ...IMAGE, subject: {} }, /subject/],
    ['an artifactType that is no media type', { ...IMAGE, artifactType: 'x y' }, /artifactType/],
  ])('refuses %s', (_what, value, message) => {
    expect(() => parse(value)).toThrow(ManifestInvalid);
    expect(() => parse(value)).toThrow(message);
  });

  it('refuses an index with a config, and types it does not know', () => {
    expect(() => parse({ ...INDEX, config: descriptor('0a') }, MEDIA_TYPES.ociIndex)).toThrow(/both kinds/);
    const schema1 = 'application/vnd.docker.distribution.manifest.v1+prettyjws';
    expect(() => parse({ schemaVersion: 1 }, schema1)).toThrow(/does not take manifests of the type/);
  });

  it('refuses bytes that have not the digest they are pushed under', () => {
    const bytes = Buffer.from(JSON.stringify(IMAGE));
    expect(() => parseManifest(bytes, undefined, Digest.parse(DIGEST('0a')))).toThrow(DigestInvalid);
  });

  it('keeps the algorithm of the digest it is pushed under', () => {
    const bytes = Buffer.from(JSON.stringify(IMAGE));
    const digest = Digest.of('sha512', bytes);
    expect(parseManifest(bytes, undefined, digest).digest.toString()).toBe(digest.toString());
  });
});

describe('describeReferrer', () => {
  const subject = descriptor('aa', MEDIA_TYPES.ociManifest);

  it('takes the artifactType, else the type of an image config, else none', () => {
    const own = parse({ ...IMAGE, subject, artifactType: 'application/vnd.example+json' });
    expect(describeReferrer(own).artifactType).toBe('application/vnd.example+json');
    const image = parse({ ...IMAGE, subject, artifactType: '' });
    expect(describeReferrer(image).artifactType).toBe('application/vnd.oci.image.config.v1+json');
    const index = parse({ ...INDEX, subject }, MEDIA_TYPES.ociIndex);
    expect('artifactType' in describeReferrer(index)).toBe(false);
  });

  it('copies the annotations', () => {
    const manifest = parse({ ...IMAGE, subject, annotations: { a: '', b: 'c' } });
    expect(describeReferrer(manifest).annotations).toEqual({ a: '', b: 'c' });
  });
});

describe('parseStrictJson', () => {
  const bytesOf = (text: string): Buffer => Buffer.from(text);

  it.each([
    ['a repeated key', '{"a":1,"a":2}', /twice/],
    ['a repeated key that is written in two ways', String.raw`{"a":1,"\u0061":2}`, /twice/],
    ['a repeated key deep inside', '{"a":[{"b":{"c":1,"c":1}}]}', /twice/],
    ['an array', '[]', /object/],
    ['null', 'null', /object/],
    ['nothing', '', /not JSON/],
    ['a byte order mark', '\uFEFF{}', /not JSON/],
    ['nesting without end', `{"a":${'['.repeat(5000)}${']'.repeat(5000)}}`, /deeper/],
  ])('refuses %s', (_what, text, message) => {
    expect(() => parseStrictJson(bytesOf(text))).toThrow(ManifestInvalid);
    expect(() => parseStrictJson(bytesOf(text))).toThrow(message);
  });

  it('refuses bytes that are not UTF-8', () => {
    expect(() => parseStrictJson(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))).toThrow(/UTF-8/);
  });

  it('takes equal keys in different objects, and values that look like keys', () => {
    const text = String.raw`{"a":{"a":"a"},"b":[{"a":1},{"a":2}],"c":"\"a\":","d":":"}`;
    expect(parseStrictJson(bytesOf(text))).toEqual(JSON.parse(text));
  });

  it('reads what JSON.parse reads, for every object', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 5 })), (value) => {
        const text = JSON.stringify(value, undefined, 1);
        expect(parseStrictJson(bytesOf(text))).toEqual(JSON.parse(text));
      }),
    );
  });
});
