import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Digest } from '../../../src/domain/content/digest.js';
import { parseReference } from '../../../src/domain/manifest/reference.js';
import { Repository } from '../../../src/domain/repository/repository.js';
import { NameInvalid, RepositoryName } from '../../../src/domain/repository/repository-name.js';
import { TagInvalid, TagName } from '../../../src/domain/tag/tag-name.js';
import { UploadId } from '../../../src/domain/upload/upload-id.js';

const DIGEST = `sha256:${'0a'.repeat(32)}`;

describe('RepositoryName', () => {
  it.each([
    'a',
    'a0',
    'a.b',
    'a_b',
    'a__b',
    'a-b',
    'a----b',
    'a/b/c',
    'blobs/uploads',
    '0/1',
    'a'.repeat(255),
  ])('takes %s', (text) => {
    expect(RepositoryName.parse(text).toString()).toBe(text);
  });

  it.each([
    '',
    'A',
    'a/B',
    '/a',
    'a/',
    'a//b',
    '.a',
    'a.',
    'a..b',
    'a___b',
    'a_-b',
    '-a',
    'a-',
    '..',
    'a/../b',
    'a b',
    'a\0b',
    'ä',
    'a:5000/b',
    'a'.repeat(256),
    'a\n',
  ])('refuses %j', (text) => {
    expect(() => RepositoryName.parse(text)).toThrow(NameInvalid);
  });

  const host = `${'a'.repeat(251)}.com`;

  it.each([
    ['upper-case letters in front', 'Team/app', /lower-case letters and digits/],
    ['a host and a port', 'registry.Example.com:5000/team/app', /lower-case letters and digits/],
    ['a host that is no component', 'a--b.c-d:1/e', /lower-case letters and digits/],
    ['255 characters behind a host', `${host}/${'b'.repeat(255)}`, /at most 255/],
  ])('reads a name with %s, and says why it is not pushed to', (_what, text, rule) => {
    expect(RepositoryName.parseExisting(text).toString()).toBe(text);
    expect(RepositoryName.ofExisting(text)?.toString()).toBe(text);
    expect(() => RepositoryName.parse(text)).toThrow(/can be pulled by this name, but not pushed/);
    expect(() => RepositoryName.parse(text)).toThrow(rule);
  });

  it.each([
    'Team',
    'a:5000',
    'a/B/c',
    'a/B',
    'A/',
    '/a',
    'A..b/c',
    '-A/b',
    'A-/b',
    'A_b/c',
    'A:x/b',
    'A:/b',
    '../a',
    'A/../b',
    'A\0/b',
    'A/b\n',
    `a/${'b'.repeat(256)}`,
    `${'A'.repeat(256)}/b`,
  ])('reads no name that the reference registry refuses: %j', (text) => {
    expect(() => RepositoryName.parseExisting(text)).toThrow(NameInvalid);
    expect(RepositoryName.ofExisting(text)).toBeUndefined();
  });

  it('never takes a text that could leave a folder', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[aA.:/_\-0%\\]*$/), (text) => {
        if (RepositoryName.ofExisting(text) === undefined) return;
        expect(text.split('/').every((part) => part !== '' && part !== '.' && part !== '..')).toBe(true);
        expect(/[\0\\%]/.test(text)).toBe(false);
      }),
    );
  });
});

describe('TagName', () => {
  it.each(['latest', '_', '1.0-alpine', 'A_b.C', 'a'.repeat(128), 'sha256-0a0a.sig'])('takes %s', (text) => {
    expect(TagName.parse(text).toString()).toBe(text);
  });

  it.each(['', '.a', '-a', 'a:b', 'a/b', 'a b', 'a'.repeat(129), 'ä', 'a\n'])('refuses %j', (text) => {
    expect(() => TagName.parse(text)).toThrow(TagInvalid);
  });
});

describe('parseReference', () => {
  it('tells a digest from a tag by its colon', () => {
    expect(parseReference(DIGEST)).toBeInstanceOf(Digest);
    expect(parseReference('sha256-0a')).toBeInstanceOf(TagName);
  });
});

describe('Repository', () => {
  const repository = new Repository(RepositoryName.parse('team/app'));

  it('moves the tag of the path, or the tag parameters of a push by digest, each once', () => {
    expect(repository.tagsToMove(TagName.parse('a'), []).map(String)).toEqual(['a']);
    expect(repository.tagsToMove(Digest.parse(DIGEST), ['a', 'b', 'a']).map(String)).toEqual(['a', 'b']);
  });

  it('refuses tag parameters beside a tag, invalid ones and too many', () => {
    expect(() => repository.tagsToMove(TagName.parse('a'), ['b'])).toThrow(/by digest/);
    expect(() => repository.tagsToMove(Digest.parse(DIGEST), ['ok', '.bad'])).toThrow(TagInvalid);
    const many = Array.from({ length: 101 }, (_, at) => `t${at}`);
    expect(() => repository.tagsToMove(Digest.parse(DIGEST), many)).toThrow(/at most 100/);
  });

  it('mounts from the repository named, from anywhere without one, and from none whose name can be no repository', () => {
    expect(String(repository.mountSource('other'))).toBe('other');
    expect(repository.mountSource(undefined)).toBe('anywhere');
    expect(String(repository.mountSource('Other/app'))).toBe('Other/app');
    expect(repository.mountSource('../other')).toBeUndefined();
  });
});

describe('UploadId', () => {
  it('takes UUIDs in lower case and nothing else', () => {
    const uuid = '0b4c1e46-3b0f-4a52-8f0a-6b1a4c3d2e1f';
    expect(UploadId.parse(uuid)?.toString()).toBe(uuid);
    for (const text of ['', 'x', uuid.toUpperCase(), `${uuid}0`, '../..']) {
      expect(UploadId.parse(text)).toBeUndefined();
    }
  });
});
