import type { IndexDifference } from './index-difference.js';

/** Which side is made to say what the other says. */
export type RepairTarget = 'tree' | 'database';

/**
 * What is done about a difference: a name is added, changed or deleted, or left, for a reason that is the end of a
 * sentence.
 */
export type RepairStep =
  { readonly action: 'add' | 'change' | 'delete' } | { readonly action: 'leave'; readonly reason: string };

type Kind = IndexDifference['kind'];

const ADD: RepairStep = { action: 'add' };
const CHANGE: RepairStep = { action: 'change' };
const DELETE: RepairStep = { action: 'delete' };
const leave = (reason: string): RepairStep => ({ action: 'leave', reason });

const PUSH_AGAIN = leave('nobody has its bytes: push the image again');
const BY_HAND = leave('the tree can not be read there: put it right by hand');
const FROM_DATABASE = leave('the database is right: repair without --from-storage writes it again');

/** The tree is written from the database. */
const TO_TREE: Readonly<Record<Kind, RepairStep>> = {
  'only-in-database': ADD,
  'link-damaged': CHANGE,
  'other-target': CHANGE,
  'other-bytes': CHANGE,
  'bytes-missing': PUSH_AGAIN,
  'other-size': PUSH_AGAIN,
  'only-in-tree': leave('only the tree has it: --from-storage takes it in, --delete removes it'),
  dangling: leave('only the tree has it, and it can not be served: --delete removes it'),
  damaged: BY_HAND,
};

/** The database is written from the tree. */
const TO_DATABASE: Readonly<Record<Kind, RepairStep>> = {
  'only-in-tree': ADD,
  'other-target': CHANGE,
  'only-in-database': leave('only the database has it: --delete removes it'),
  dangling: leave('it can not be served'),
  'link-damaged': FROM_DATABASE,
  'other-bytes': FROM_DATABASE,
  'bytes-missing': PUSH_AGAIN,
  'other-size': PUSH_AGAIN,
  damaged: BY_HAND,
};

/** Names are deleted only where `deletes` is true. Bytes never are. */
export function planRepair(difference: IndexDifference, target: RepairTarget, deletes: boolean): RepairStep {
  const { kind } = difference;
  if (target === 'database') {
    if (kind === 'bytes-missing' && difference.name.kind === 'revision') return FROM_DATABASE;
    return deletes && kind === 'only-in-database' ? DELETE : TO_DATABASE[kind];
  }
  // A manifest's bytes are in the database too.
  if (kind === 'bytes-missing' && difference.name.kind === 'revision') return CHANGE;
  return deletes && (kind === 'only-in-tree' || kind === 'dangling') ? DELETE : TO_TREE[kind];
}
