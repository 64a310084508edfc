import type { IndexDifference } from '../../../application/services/index-difference.js';
import type { LinkedName } from '../../../domain/repository/linked-name.js';

type Kind = IndexDifference['kind'];

const WORDS: Readonly<Record<Kind, string>> = {
  'only-in-tree': 'only in the tree',
  'only-in-database': 'only in the database',
  'other-target': 'other target',
  'link-damaged': 'link is damaged',
  dangling: 'can not be served',
  'bytes-missing': 'bytes are missing',
  'other-size': 'other size',
  'other-bytes': 'other bytes',
  damaged: 'damaged',
};

export const DIFFERENCE_HEAD = ['DIFFERENCE', 'REPOSITORY', 'NAME', 'DETAIL'] as const;

export function wordsOf(kind: Kind): string {
  return WORDS[kind];
}

/** Cells under DIFFERENCE_HEAD. */
export function differenceRow(difference: IndexDifference): readonly string[] {
  const words = WORDS[difference.kind];
  if (difference.kind === 'damaged') {
    const { repository, path, reason } = difference.damage;
    return [words, repository ?? '', '', `${path} ${reason}`];
  }
  const { name } = difference;
  return [words, name.repository.toString(), nameOf(name), detailOf(difference)];
}

/** For programs: plain values, one shape for each kind. */
export function differenceJson(difference: IndexDifference): Readonly<Record<string, unknown>> {
  if (difference.kind === 'damaged') return { difference: difference.kind, ...difference.damage };
  const { kind, name, ...values } = difference;
  const plain = Object.entries(values).map(([key, value]) => [
    key,
    typeof value === 'number' ? value : String(value),
  ]);
  const what =
    name.kind === 'tag' ? { tag: name.tag.toString() } : { [wordOf(name)]: name.digest.toString() };
  return {
    difference: kind,
    repository: name.repository.toString(),
    ...what,
    ...(Object.fromEntries(plain) as Record<string, unknown>),
  };
}

function nameOf(name: LinkedName): string {
  return name.kind === 'tag' ? `tag ${name.tag.toString()}` : `${wordOf(name)} ${name.digest.toString()}`;
}

function wordOf({ kind }: LinkedName): 'manifest' | 'blob' | 'tag' {
  if (kind === 'tag') return kind;
  return kind === 'revision' ? 'manifest' : 'blob';
}

function detailOf(difference: Exclude<IndexDifference, { kind: 'damaged' }>): string {
  switch (difference.kind) {
    case 'only-in-tree':
    case 'only-in-database':
      return difference.name.kind === 'tag' ? difference.target.toString() : '';
    case 'other-target':
      return `tree ${difference.tree.toString()}, database ${difference.database.toString()}`;
    case 'other-size':
      return `tree ${difference.tree} bytes, database ${difference.database}`;
    case 'dangling':
    case 'link-damaged':
      return difference.reason;
    case 'bytes-missing':
    case 'other-bytes':
      return '';
  }
}
