import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';

/** What a file system means for a database on it. */
export interface FileSystemType {
  /** As people call it: `NFS`. */
  readonly name: string;
  /** `network`: others may use it over the network, or a program stands behind it; `memory`: it ends with the machine. */
  readonly kind: 'local' | 'network' | 'memory';
}

export const LOCAL: FileSystemType = { name: 'a local file system', kind: 'local' };

/** By f_type of statfs(2): the magic numbers of linux/magic.h and of the vendors' sources. */
const TYPES: ReadonlyMap<number, FileSystemType> = new Map([
  ...network([
    [0x6969, 'NFS'],
    [0x517b, 'SMB'],
    [0xff534d42, 'CIFS'],
    [0xfe534d42, 'SMB'],
    [0x01021997, '9p'],
    [0x65735546, 'FUSE'],
    [0x00c36400, 'Ceph'],
    [0x0bd00bd0, 'Lustre'],
    [0x47504653, 'GPFS'],
    [0x5346414f, 'AFS'],
    [0x6b414653, 'AFS'],
    [0x73757245, 'Coda'],
    [0x564c, 'NCP'],
    [0x7461636f, 'OCFS2'],
    [0x01161970, 'GFS2'],
    [0x19830326, 'BeeGFS'],
    [0xaad7aaea, 'PanFS'],
    [0x20030528, 'OrangeFS'],
    [0xbeefdead, 'StorNext'],
    [0x786f4256, 'a shared folder of VirtualBox'],
    [0x7c7c6673, 'a shared folder of Parallels'],
    [0xbacbacbc, 'a shared folder of VMware'],
  ]),
  [0x01021994, { name: 'tmpfs', kind: 'memory' }],
  [0x858458f6, { name: 'ramfs', kind: 'memory' }],
]);

function network(types: readonly (readonly [number, string])[]): (readonly [number, FileSystemType])[] {
  return types.map(([magic, name]) => [magic, { name, kind: 'network' }]);
}

/** @param magic f_type of statfs(2), which some systems give with a sign */
export function fileSystemType(magic: number): FileSystemType {
  return TYPES.get(magic >>> 0) ?? LOCAL;
}

/** Of the path, or of the nearest folder above it that is there. */
export function fileSystemAt(path: string): FileSystemType {
  for (let at = path; ; at = dirname(at)) {
    try {
      return fileSystemType(statfsSync(at).type);
    } catch (error) {
      // Whoever opens the file tells what is wrong.
      if (at === dirname(at) || (error as NodeJS.ErrnoException).code !== 'ENOENT') return LOCAL;
    }
  }
}
