import { describe, expect, it } from 'vitest';
import { PathGuard } from '../../../src/infrastructure/storage/drivers/filesystem/path-guard.js';

describe('paths of the filesystem driver', () => {
  it.each([
    ['/srv/registry', '/srv/registry/a/b'],
    ['/srv/registry/', '/srv/registry/a/b'],
    ['/srv/./x/../registry//', '/srv/registry/a/b'],
    ['/', '/a/b'],
  ])('lie below the root directory %s', (root, path) => {
    expect(new PathGuard(root).below('a/b')).toBe(path);
  });

  it.each(['', '/', '/etc', 'a/', 'a//b', '.', '..', 'a/..', '../a', 'a/./b', 'a/../../b', 'a\0b', 'a\\b'])(
    'never lead elsewhere: %j',
    (path) => {
      expect(() => new PathGuard('/srv/registry').below(path)).toThrow('not a path of the storage');
    },
  );
});
