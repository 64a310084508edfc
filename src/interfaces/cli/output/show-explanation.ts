import type { BytesFate, ContentExplanation } from '../../../application/services/content-explanation.js';
import { Grace, ON_REQUEST } from '../../../domain/lifecycle/grace.js';
import { Digest } from '../../../domain/content/digest.js';
import { keyOfName } from '../../../domain/repository/linked-name.js';
import { RepositoryName } from '../../../domain/repository/repository-name.js';
import { TagName } from '../../../domain/tag/tag-name.js';
import { showFrom, showHolder, showReview } from './show-holder.js';
import { showMoment } from './show-moment.js';
import { showSize } from './show-size.js';

/** Fields that are moments. */
const MOMENTS: ReadonlySet<string> = new Set([
  'now',
  'goesFrom',
  'reviewAfter',
  'claimedUntil',
  'linkedAt',
  'pushedAt',
  'from',
  'removableFrom',
  'until',
]);

/** Why something is kept, for people: one statement on a line, chains indented. */
export function explanationLines(explanation: ContentExplanation): readonly string[] {
  return [
    showVerdict(explanation),
    ...showContent(explanation),
    ...showHolders(explanation),
    ...showBytes(explanation),
    ...showNotes(explanation),
  ];
}

/** The same for programs: digests and names as text, moments in ISO 8601 or as "on-request", null for nothing. */
export function explanationJson(explanation: ContentExplanation): string {
  return JSON.stringify(explanation, plain, 2);
}

function plain(key: string, value: unknown): unknown {
  if (value === undefined) return null;
  if (value instanceof Digest || value instanceof RepositoryName || value instanceof TagName) {
    return value.toString();
  }
  if (value instanceof Grace) return value.duration;
  if (typeof value !== 'number' || !MOMENTS.has(key)) return value;
  return value === ON_REQUEST ? 'on-request' : new Date(value).toISOString();
}

function showVerdict(explanation: ContentExplanation): string {
  const { digest, repository, verdict, goesFrom, now, unexamined } = explanation;
  const where = repository !== undefined && isThere(explanation) ? `${repository.toString()}@` : '';
  const name = where + digest.toString();
  if (verdict === 'being-removed') return `${name} is being removed.`;
  if (goesFrom !== undefined) return `${name} goes: ${showFrom(goesFrom, now)}.`;
  return `${name} is kept${unexamined ? ', for so many repositories have it that not all were looked at' : ''}.`;
}

/** Whether the repository has it that was asked about. */
function isThere({ repository, holders }: ContentExplanation): boolean {
  return holders.items.some((holder) => holder.repository.toString() === repository?.toString());
}

function showContent({ content, holders }: ContentExplanation): readonly string[] {
  if (content === undefined) return [];
  const size = showSize(content.size);
  const isLinked = holders.items.some(({ link }) => link !== undefined);
  if (content.state === 'reserved' && isLinked)
    return [`Its bytes (${size}) are lost; a push brings them back.`];
  if (content.state === 'reserved' && holders.items.length === 0) {
    return [`A push has announced its bytes (${size}), and places them or has given up.`];
  }
  const doubt = content.verified ? '' : ', adopted from another registry; nobody has read them whole yet';
  return [`Its bytes: ${size}${doubt}.`];
}

function showHolders(explanation: ContentExplanation): readonly string[] {
  const { repository, holders, digest, now } = explanation;
  const { items, more } = holders;
  const lines = items.flatMap((holder) => showHolder(holder, { digest, now }));
  if (repository === undefined || !isThere(explanation)) {
    const others = items.length > 0 ? '; others do' : '';
    const absent = repository === undefined ? [] : [`${repository.toString()} does not have it${others}.`];
    return [...absent, ...lines, ...(more ? ['… and more repositories have it.'] : [])];
  }
  const others = `Other repositories have it as well: \`stowage gc explain ${digest.toString()}\` tells of them.`;
  return more ? [...lines, others] : lines;
}

function showBytes({ bytes, holders, unreadable, now }: ContentExplanation): readonly string[] {
  const isHeld = holders.items.length > 0;
  const nobody = isHeld ? '' : 'No repository has it. ';
  switch (bytes.kind) {
    case 'held':
    case 'absent':
      return [];
    case 'removing':
      return [showRemoval(bytes, now)];
    case 'unreadable': {
      const things = unreadable.items.map(({ path, reason }) => `  ${path} ${reason}`);
      return [`${nobody}Its bytes stay, since something that can not be read may name them:`, ...things];
    }
    case 'goes':
    case 'on-request':
    case 'unscheduled': {
      const what = isHeld ? 'Its bytes go when no repository has them any more' : 'Its bytes go';
      return [`${nobody}${showReview(bytes, what, now)}`];
    }
  }
}

function showRemoval({ until }: Extract<BytesFate, { kind: 'removing' }>, now: number): string {
  const who = 'Its bytes are being removed; whoever pushes it waits.';
  if (until === undefined) return who;
  if (until > now) return `${who} Whoever removes them has time until ${showMoment(until, now)}.`;
  return `${who} The time for it was over ${showMoment(until, now)}: the next collection goes on with it.`;
}

function showNotes({ verdict, pending, adopting, policy }: ContentExplanation): readonly string[] {
  if (verdict !== 'goes') return [];
  const notes: string[] = [];
  if (pending.items.length > 0) {
    const names = pending.items.map(keyOfName).join(', ');
    notes.push(
      `Its bytes stay until the links of these are written: ${names}${pending.more ? ' and more' : ''}.`,
    );
  }
  if (adopting) notes.push('Nothing is removed before the registry has taken over the whole folder.');
  if (!policy.collects) {
    notes.push('The registry does not collect by itself (gc.enabled): `stowage gc` does.');
  }
  return notes;
}
