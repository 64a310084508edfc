import type { Migration } from 'kysely';
import { initial } from './0001-initial.js';
import { nameJournal } from './0002-name-journal.js';
import { databaseIdentity } from './0003-database-identity.js';
import { adoption } from './0004-adoption.js';
import { collection } from './0005-collection.js';
import { orphanScan } from './0006-orphan-scan.js';
import { formerNames } from './0007-former-names.js';
import { givenTargets } from './0008-given-targets.js';
import { outbox } from './0009-outbox.js';
import { waitingBytes } from './0010-waiting-bytes.js';
import { tagsOfAManifest } from './0011-tags-of-a-manifest.js';
import { departedSubjects } from './0012-departed-subjects.js';
import { uploadsByState } from './0013-uploads-by-state.js';

/** All there ever were, by name, in their order. */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-initial': initial,
  '0002-name-journal': nameJournal,
  '0003-database-identity': databaseIdentity,
  '0004-adoption': adoption,
  '0005-collection': collection,
  '0006-orphan-scan': orphanScan,
  '0007-former-names': formerNames,
  '0008-given-targets': givenTargets,
  '0009-outbox': outbox,
  '0010-waiting-bytes': waitingBytes,
  '0011-tags-of-a-manifest': tagsOfAManifest,
  '0012-departed-subjects': departedSubjects,
  '0013-uploads-by-state': uploadsByState,
};
