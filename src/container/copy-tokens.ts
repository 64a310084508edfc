import type { OpenCopyOf } from '../interfaces/cli/commands/open-copy.js';
import type { StorageCommand } from '../interfaces/cli/commands/storage-group.js';
import { token } from './token.js';

/** What copies one storage into another. */
export const COPY_TOKENS = {
  storageCommand: token<StorageCommand>('StorageCommand'),
  openCopy: token<OpenCopyOf>('OpenCopy'),
} as const;
