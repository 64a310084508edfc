import { describe, expect, it } from 'vitest';
import type { IndexDifference } from '../../../src/application/services/index-difference.js';
import { planRepair } from '../../../src/application/services/repair-plan.js';
import { Digest } from '../../../src/domain/content/digest.js';
import { RepositoryName } from '../../../src/domain/repository/repository-name.js';
import { TagName } from '../../../src/domain/tag/tag-name.js';

const repository = RepositoryName.parse('a');
const digest = Digest.of('sha256', Buffer.from('a'));
const tag = { kind: 'tag', repository, tag: TagName.parse('v1') } as const;
const revision = { kind: 'revision', repository, digest } as const;
const layer = { kind: 'layer', repository, digest } as const;
const target = digest;

const DIFFERENCES: Readonly<Record<string, IndexDifference>> = {
  'a name only in the tree': { kind: 'only-in-tree', name: tag, target },
  'a name only in the database': { kind: 'only-in-database', name: layer, target },
  'a tag with another target': { kind: 'other-target', name: tag, tree: digest, database: digest },
  'a damaged link': { kind: 'link-damaged', name: tag, target, reason: 'is cut off' },
  'a dangling name': { kind: 'dangling', name: revision, target, reason: 'is cut off' },
  'a manifest without bytes': { kind: 'bytes-missing', name: revision },
  'a blob without bytes': { kind: 'bytes-missing', name: layer },
  'a blob of another size': { kind: 'other-size', name: layer, tree: 1, database: 2 },
  'a manifest with other bytes': { kind: 'other-bytes', name: revision },
  'what can not be read': { kind: 'damaged', damage: { path: 'x', repository: 'a', reason: 'is cut off' } },
};

describe('what is done about', () => {
  it.each([
    // from the database into the tree; with deletes; from the tree into the database; with deletes
    ['a name only in the tree', 'leave', 'delete', 'add', 'add'],
    ['a name only in the database', 'add', 'add', 'leave', 'delete'],
    ['a tag with another target', 'change', 'change', 'change', 'change'],
    ['a damaged link', 'change', 'change', 'leave', 'leave'],
    ['a dangling name', 'leave', 'delete', 'leave', 'leave'],
    ['a manifest without bytes', 'change', 'change', 'leave', 'leave'],
    ['a blob without bytes', 'leave', 'leave', 'leave', 'leave'],
    ['a blob of another size', 'leave', 'leave', 'leave', 'leave'],
    ['a manifest with other bytes', 'change', 'change', 'leave', 'leave'],
    ['what can not be read', 'leave', 'leave', 'leave', 'leave'],
  ])('%s', (what, ...expected) => {
    const difference = DIFFERENCES[what];
    if (difference === undefined) throw new Error(`there is no ${what}`);
    const steps = [
      planRepair(difference, 'tree', false),
      planRepair(difference, 'tree', true),
      planRepair(difference, 'database', false),
      planRepair(difference, 'database', true),
    ];
    expect(steps.map(({ action }) => action)).toEqual(expected);
    for (const step of steps) if (step.action === 'leave') expect(step.reason).not.toBe('');
  });
});
