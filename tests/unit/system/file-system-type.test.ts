import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileSystemAt, fileSystemType } from '../../../src/infrastructure/system/file-system-type.js';

describe('the type of a file system', () => {
  it.each([
    ['NFS', 0x6969, 'network'],
    ['CIFS', 0xff534d42, 'network'],
    ['CIFS', 0xff534d42 | 0, 'network'],
    ['SMB', 0xfe534d42, 'network'],
    ['9p', 0x01021997, 'network'],
    ['FUSE', 0x65735546, 'network'],
    ['Ceph', 0x00c36400, 'network'],
    ['Lustre', 0x0bd00bd0, 'network'],
    ['GPFS', 0x47504653, 'network'],
    ['tmpfs', 0x01021994, 'memory'],
    ['ramfs', 0x858458f6, 'memory'],
  ])('is known by its number: %s', (name, magic, kind) => {
    expect(fileSystemType(magic)).toEqual({ name, kind });
  });

  it.each([
    ['ext4', 0xef53],
    ['XFS', 0x58465342],
    ['Btrfs', 0x9123683e],
    ['overlayfs', 0x794c7630],
    ['ZFS', 0x2fc12fc1],
    ['APFS', 0x1a],
  ])('is local when it is %s', (_name, magic) => {
    expect(fileSystemType(magic).kind).toBe('local');
  });

  it('is that of the nearest folder that is there', () => {
    expect(fileSystemAt(join('/dev/shm', 'not', 'there'))).toEqual(fileSystemAt('/dev/shm'));
  });
});
